import type { AttemptDetail, UnitDossier } from "@flashline/contract";

type Held =
  /** A read-back proved it, and nothing touched the unit since. */
  | { readonly kind: "proven"; readonly attempt: AttemptDetail }
  | { readonly kind: "not-known"; readonly attempt: AttemptDetail }
  | { readonly kind: "nothing" };

/** Later than others by when they began. */
const latestFirst = (attempts: readonly AttemptDetail[]): readonly AttemptDetail[] =>
  [...attempts].sort((a, b) => b.startedAt.localeCompare(a.startedAt));

/**
 * What a unit holds by its attempts. One that failed before its first erase left everything as it was: its job was called off. Any other
 * one without a PASS, and a result that contradicts its job, leaves nothing proven.
 */
export function asFlashed({
  attempts,
  unit: { jobs },
}: Pick<UnitDossier, "attempts" | "unit">): Held {
  const calledOff = new Set(jobs.filter(({ state }) => state === "CANCELLED").map(({ id }) => id));
  for (const attempt of latestFirst(attempts)) {
    if (attempt.contradictions.length > 0) return { kind: "not-known", attempt };
    if (attempt.outcome === "PASS") return { kind: "proven", attempt };
    const isUntouched = attempt.outcome === "FAIL" && calledOff.has(attempt.jobId);
    if (!isUntouched) return { kind: "not-known", attempt };
  }
  return { kind: "nothing" };
}

/** Something that a person did about the unit. */
export interface Act {
  readonly id: string;
  readonly at: string;
  readonly what: string;
  readonly by: string;
  readonly reason: string;
}

const REWORK: Readonly<Record<string, string>> = {
  repair: "Repaired",
  override: "Allowed once more",
  "hold-override": "Started in spite of its hold",
  scrap: "Scrapped",
  unscrap: "Not scrapped any more",
};

/** Repairs, holds and decisions of people about a unit. */
export function actsOf({ unit, holds }: Pick<UnitDossier, "unit" | "holds">): readonly Act[] {
  const rework = (unit.rework?.records ?? []).map(({ id, kind, what, by, at }) => ({
    id,
    at,
    by,
    reason: what,
    what: REWORK[kind] ?? kind,
  }));
  const held = holds.map(({ id, kind, setAt, setBy, reason }) => ({
    id,
    at: setAt,
    by: setBy,
    reason,
    what: kind === "batch" ? "Its batch was put on hold" : "Put on hold",
  }));
  const lifted = holds.flatMap(({ id, kind, liftedAt, liftedBy, liftReason }) => {
    if (liftedAt === null) return [];
    const what = kind === "batch" ? "Its batch was released" : "Released from hold";
    return [
      { id: `${id} lifted`, at: liftedAt, by: liftedBy ?? "", reason: liftReason ?? "", what },
    ];
  });
  return [...rework, ...held, ...lifted];
}
