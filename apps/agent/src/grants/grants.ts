import { FlashlineError, type Grant } from "@flashline/contract";
import { isOpen, isUndelivered, type JournaledAttempt } from "../journal/fold.ts";
import type { Journal } from "../journal/journal.ts";
import type { GrantAnswer, Grants, TakenPlace } from "../station/granted.ts";
import { jobUnder, valuesOf } from "./check.ts";
import { advanced, type Reading } from "./clock.ts";
import type { Held, Kept, KeptGrants } from "./kept.ts";
import {
  type Checks,
  latestTime,
  type ReadyGrant,
  readyGrant,
  serverTime,
  spanOf,
  timeLeft,
} from "./ready.ts";
import { unitRefusal } from "./unit-rules.ts";

/** {@link Grants} with what their upkeep needs. */
export interface HeldGrants extends Grants {
  readonly grant: Grant | undefined;
  /** How much of its time is over, 0 to 1; 1 without a grant. */
  readonly age: number;
  /** Nothing goes on under this grant, and the server has all its results. */
  isSettled(grantId: string): boolean;
  /** From now on units go under this one; null: under none. The one of before is to be given back. `withdrawn`: what is not touched under it stops. */
  replace(next: ReadyGrant | null, withdrawn: boolean): Promise<void>;
  /** Writes down how far time has come. */
  tick(): Promise<void>;
}

export interface GrantsOptions extends Checks {
  readonly kept: KeptGrants;
  readonly journal: Journal;
  readonly reading: () => Reading;
  readonly onChange: () => void;
}

/** What the page shows of a time does not change each moment. */
const MINUTE_MS = 60_000;

const refused = (error: FlashlineError): GrantAnswer => ({ kind: "refused", error });

/** Of a grant that is held, also where nothing else of it could be checked. */
export function idOf(held: Held | null): string | undefined {
  if (held === null) return undefined;
  try {
    const { id }: { id?: unknown } = JSON.parse(held.signed.statement);
    return typeof id === "string" ? id : undefined;
  } catch {
    return undefined;
  }
}

/** The lowest place that no unit has; undefined: none is left. */
function freePlace({ units }: Grant, { taken }: Held): number | undefined {
  const used = new Set(taken.map(({ place }) => place));
  for (let place = 1; place <= units; place += 1) if (!used.has(place)) return place;
  return undefined;
}

/** After the next grant has come, or none: the one of before waits for being given back. */
function after(kept: Kept, next: ReadyGrant | null): Kept {
  const old = idOf(kept.held);
  if (next !== null && next.grant.id === old) return { ...kept, asking: null };
  const held = next && { signed: next.signed, point: next.point, taken: [] };
  if (old === undefined) return { ...kept, held, asking: null };
  const places = kept.held?.taken.map(({ place }) => place) ?? [];
  const taken = { ...kept.taken, [old]: places };
  return { ...kept, held, asking: null, returning: [...new Set([...kept.returning, old])], taken };
}

export async function openGrants(options: GrantsOptions): Promise<HeldGrants> {
  const { kept, journal, reading, onChange } = options;
  /** Grants of the attempts that this process runs, by job. */
  const inWork = new Map<string, string>();
  const withdrawn = new Set<string>();
  const { held: before } = kept.now;
  // One that cannot be checked is not used.
  let ready =
    before === null
      ? undefined
      : await readyGrant(before.signed, before.point, options).catch(() => undefined);

  /** What is held and was checked. */
  function current(): { readonly ready: ReadyGrant; readonly held: Held } | undefined {
    const { held } = kept.now;
    if (held === null || ready?.signed.statement !== held.signed.statement) return undefined;
    return { ready, held };
  }

  async function change(how: (now: Kept) => Kept): Promise<void> {
    try {
      await kept.change(how);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `The grant cannot be written: ${reason}`;
      throw new FlashlineError("agent.journal", message, { cause });
    }
  }

  function ask(serial: string, nest: string): GrantAnswer {
    const one = current();
    if (one === undefined || !one.ready.grant.nests.includes(nest)) return { kind: "none" };
    const { grant, release } = one.ready;
    const { point } = one.held;
    const left = timeLeft(grant, point, reading());
    if (left.kind === "refused") return left;
    if (Date.parse(release.manifest.expiresAt ?? "") <= latestTime(grant, point, reading()))
      return refused(new FlashlineError("release.expired"));
    const against = unitRefusal(grant, serial, journal.finished());
    if (against !== undefined) return refused(against);
    if (freePlace(grant, one.held) === undefined)
      return refused(new FlashlineError("grant.used_up"));
    return { kind: "may" };
  }

  async function free(grantId: string, jobId: string): Promise<void> {
    await change((now) => {
      if (now.held === null || idOf(now.held) !== grantId) return now;
      const taken = now.held.taken.filter((one) => one.jobId !== jobId);
      return { ...now, held: { ...now.held, taken } };
    });
    onChange();
  }

  async function take(jobId: string, serial: string, nest: string): Promise<TakenPlace> {
    const answer = ask(serial, nest);
    const one = current();
    if (answer.kind === "none" || one === undefined) throw new FlashlineError("agent.offline");
    if (answer.kind === "refused") throw answer.error;
    const { grant, signed, release } = one.ready;
    let got: { readonly place: number; readonly held: Held } | undefined;
    await change((now) => {
      // Meanwhile another nest may have taken the last place, or another grant may have come.
      const { held } = now;
      if (held === null || held.signed.statement !== signed.statement) return now;
      const place = freePlace(grant, held);
      const point = advanced(held.point, reading());
      if (place === undefined || point === undefined) return now;
      const taken = [...held.taken, { place, jobId, serial }];
      got = { place, held: { ...held, point, taken } };
      return { ...now, held: got.held };
    });
    if (got === undefined) throw new FlashlineError("grant.used_up");
    const { place } = got;
    const { point } = got.held;
    inWork.set(jobId, grant.id);
    onChange();
    const values = valuesOf(release.manifest, grant.numbers[place - 1] ?? {});
    return {
      job: jobUnder(grant, signed, { jobId, serial, nest }, values),
      use: () => ({
        id: grant.id,
        place,
        at: new Date(serverTime(grant, point, reading())).toISOString(),
      }),
      now: () => latestTime(grant, point, reading()),
      mustHold() {
        if (withdrawn.has(grant.id)) throw new FlashlineError("grant.over");
        const left = timeLeft(grant, point, reading());
        if (left.kind === "refused") throw left.error;
      },
      async free() {
        inWork.delete(jobId);
        await free(grant.id, jobId);
      },
      ended() {
        inWork.delete(jobId);
        onChange();
      },
    };
  }

  const isUnder = (grantId: string) => (attempt: JournaledAttempt) =>
    attempt.intent?.grant?.id === grantId && (isOpen(attempt) || isUndelivered(attempt));

  return {
    get grant() {
      return current()?.ready.grant;
    },
    get age() {
      const one = current();
      if (one === undefined) return 1;
      const left = timeLeft(one.ready.grant, one.held.point, reading());
      return left.kind === "left" ? 1 - left.ms / spanOf(one.ready.grant) : 1;
    },
    get view() {
      const one = current();
      if (one === undefined) return null;
      const { grant } = one.ready;
      const now = reading();
      const left = timeLeft(grant, one.held.point, now);
      if (left.kind === "refused") return null;
      const until = Math.floor((now.wall + left.ms) / MINUTE_MS) * MINUTE_MS;
      const units = grant.units - one.held.taken.length;
      return { left: units, until: new Date(until).toISOString() };
    },
    ask,
    take,
    free,
    isSettled: (grantId) =>
      ![...inWork.values()].includes(grantId) &&
      ![...journal.open(), ...journal.undelivered()].some(isUnder(grantId)),
    async replace(next, isWithdrawn) {
      const old = idOf(kept.now.held);
      if (isWithdrawn && old !== undefined) withdrawn.add(old);
      await change((now) => after(now, next));
      ready = next ?? undefined;
      onChange();
    },
    async tick() {
      await change((now) => {
        if (now.held === null) return now;
        const point = advanced(now.held.point, reading());
        return point === undefined ? now : { ...now, held: { ...now.held, point } };
      });
      onChange();
    },
  };
}
