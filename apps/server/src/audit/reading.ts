import type { LedgerChain } from "@flashline/contract";
import { FIRST_PREVIOUS } from "./chain.ts";
import { PAGE_EVENTS, type VerifyRepository } from "./verify.repository.ts";
import { type ChainState, problemsBeside, problemsOf } from "./verify.ts";

/** How long one call reads on, milliseconds. */
const READ_MS = 1_000;
/** What was read is believed so long; then all of it is read again. Milliseconds. */
const RENEW_MS = 3_600_000;
/** More problems are not told. */
const MOST_PROBLEMS = 50;

interface Pass {
  readonly began: number;
  before: ChainState;
  readonly problems: string[];
}
interface Whole {
  readonly position: number;
  readonly at: number;
  readonly problems: readonly string[];
}

/**
 * Works the chain out anew, a second at a time, for a page that asks. How far it is stands in this process: another replica reads for
 * itself, and a server that starts again begins anew.
 */
export function chainReading(
  repository: VerifyRepository,
  now: () => number = Date.now,
  clock: () => number = () => performance.now(),
) {
  const begin = (): Pass => ({
    began: now(),
    before: { position: 0, hash: FIRST_PREVIOUS },
    problems: [],
  });
  let pass = begin();
  let whole: Whole | null = null;
  let reading: Promise<void> | undefined;

  async function readOn(): Promise<void> {
    if (whole !== null && now() - pass.began > RENEW_MS) pass = begin();
    const until = clock() + READ_MS;
    for (;;) {
      const rows = await repository.page(pass.before.position);
      for (const row of rows) {
        if (pass.problems.length < MOST_PROBLEMS) {
          pass.problems.push(...problemsOf(row, pass.before));
        }
        pass.before = row;
      }
      if (rows.length < PAGE_EVENTS) {
        const { before, problems } = pass;
        const beside = await problemsBeside(repository);
        whole = { position: before.position, at: now(), problems: [...problems, ...beside] };
        return;
      }
      if (clock() > until) return;
    }
  }

  return {
    async look(): Promise<LedgerChain> {
      reading ??= readOn().finally(() => {
        reading = undefined;
      });
      await reading;
      const [head, { events }] = await Promise.all([repository.head(), repository.tail()]);
      const isUnderWay = whole === null || whole.at < pass.began;
      return {
        head:
          head === undefined
            ? null
            : {
                position: head.position,
                hash: head.hash.toString("hex"),
                sealedAt: head.sealedAt.toISOString(),
              },
        unsealed: events,
        verified:
          whole === null
            ? null
            : { position: whole.position, at: new Date(whole.at).toISOString() },
        reading: isUnderWay ? pass.before.position : null,
        problems: [...new Set([...(whole?.problems ?? []), ...pass.problems])],
      };
    },
  };
}
