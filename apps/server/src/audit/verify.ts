import { FIRST_PREVIOUS, hashOf } from "./chain.ts";
import { PAGE_EVENTS, type SealedRow, type VerifyRepository } from "./verify.repository.ts";

/** Where the chain stood at a time, as it was exported. */
export interface Head {
  readonly position: number;
  /** Hexadecimal. */
  readonly hash: string;
}

export interface Verified {
  /** Events that were read. */
  readonly events: number;
  /** Null: nothing was sealed yet. */
  readonly head: Head | null;
  /** What is open: written, and not in the chain yet. */
  readonly open: { readonly events: number; readonly oldest: Date | null };
  /** In words, each with its position; nothing where the ledger is as it was written. */
  readonly problems: readonly string[];
}

/** More are counted, not told. */
const MOST_PROBLEMS = 50;

/** Where the chain stands before a row. */
export interface ChainState {
  readonly position: number;
  readonly hash: Buffer;
}

/** What is wrong with a row, given the one before it. */
export function problemsOf(row: SealedRow, before: ChainState): readonly string[] {
  const gap =
    row.position === before.position + 1
      ? []
      : [
          row.position === before.position + 2
            ? `position ${before.position + 1} is missing`
            : `positions ${before.position + 1} to ${row.position - 1} are missing`,
        ];
  const { position, sealedAt } = row;
  const right = hashOf(row, { position, previous: before.hash, sealedAt }).equals(row.hash);
  if (right || gap.length > 0) return gap;
  return [`position ${position} was changed, or is not the event that followed ${position - 1}`];
}

/** What is wrong beside the chain: names of people that are not what was recorded, and guards that are missing. */
export async function problemsBeside(repository: VerifyRepository): Promise<readonly string[]> {
  const [names, guards] = await Promise.all([repository.names(), repository.guards()]);
  return [
    ...names.map(({ id, problem }) => `the name of person ${id} ${problem}`),
    ...guards.map(({ name }) => `the guard ${name} is missing or switched off`),
  ];
}

/**
 * Reads the whole ledger and works out each hash anew. `heads` were exported earlier: they find a ledger that ends too early, and one
 * that was made anew from some position on.
 */
export async function verifyLedger(
  repository: VerifyRepository,
  heads: readonly Head[],
): Promise<Verified> {
  const problems: string[] = [];
  let more = 0;
  const tell = (found: readonly string[]) => {
    for (const problem of found) {
      if (problems.length < MOST_PROBLEMS) problems.push(problem);
      else more += 1;
    }
  };
  let events = 0;
  let before: ChainState = { position: 0, hash: FIRST_PREVIOUS };
  for (;;) {
    const rows = await repository.page(before.position);
    for (const row of rows) {
      tell(problemsOf(row, before));
      // What follows is held against what stands here: one changed row is told once.
      before = row;
    }
    events += rows.length;
    if (rows.length < PAGE_EVENTS) break;
  }
  for (const { position, hash } of heads) {
    const found = (await repository.hashAt(position))?.toString("hex");
    if (found === undefined) {
      tell([
        `the exported head at position ${position} is missing: the ledger ends at ${before.position}`,
      ]);
    } else if (found !== hash) tell([`position ${position} is not what was exported as the head`]);
  }
  tell(await problemsBeside(repository));
  const head =
    events === 0 ? null : { position: before.position, hash: before.hash.toString("hex") };
  return {
    events,
    head,
    open: await repository.tail(),
    problems: more === 0 ? problems : [...problems, `${more} more`],
  };
}
