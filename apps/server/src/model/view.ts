import { tallyOf, unitState, usedOf } from "./plant/rules.ts";
import type { Attempt, State } from "./plant/state.ts";

/** The same of the model and of the database, so that one can be held against the other. */
export interface View {
  readonly jobs: Readonly<Record<string, string>>;
  readonly attempts: Readonly<Record<string, string>>;
  readonly orders: readonly string[];
  readonly releases: readonly string[];
  readonly units: readonly string[];
  readonly queues: readonly string[];
  readonly rework: readonly string[];
  readonly holds: readonly string[];
  readonly events: readonly string[];
}

/** One hold of several is told with a job that is called off; which one is not said. */
export const codeOf = (code: string | null): string =>
  code !== null && /^preflight\..*(_held|_paused|_off|_quarantined)$/.test(code)
    ? "a hold"
    : (code ?? "");

/** An attempt as both sides tell it, in a line. */
export const attemptLine = (
  one: Pick<
    Attempt,
    "job" | "epoch" | "code" | "touched" | "body" | "late" | "contradicted" | "first"
  > & {
    readonly outcome: string | null;
  },
): string =>
  [
    ...[one.job, one.epoch, one.outcome, one.code, one.touched, one.body?.slice(0, 8)],
    ...[one.late && "late", one.contradicted && "contradicted", one.first && "first"],
  ].join(" ");

export const viewOf = (s: State): View => ({
  jobs: Object.fromEntries(
    s.jobs.map((job) => {
      const { id, unit, station, nest, order, release, dirty, state, epoch, code } = job;
      const place = `unit ${unit} at ${station}/${nest} order ${order} release ${release}`;
      const what = `${place} ${dirty ? "dirty " : ""}${state} ${epoch} ${codeOf(code)}`;
      return [id, what.trimEnd()];
    }),
  ),
  attempts: Object.fromEntries(s.attempts.map((one) => [one.id, attemptLine(one)])),
  orders: s.orders.map(({ open, quantity, release }, at) => {
    const { passed, running, failed } = tallyOf(s, at);
    const used = usedOf(s, at);
    return `${open ? "open" : "closed"} ${used}/${quantity} release ${release} counted ${used} passed ${passed} running ${running} failed ${failed}`;
  }),
  releases: [...s.releases],
  units: s.units.map(({ known, scrapped }, at) =>
    known ? `${unitState(s, at)}${scrapped ? " scrapped" : ""}` : "not known",
  ),
  queues: s.stations.flatMap(({ queue }, at) =>
    queue.map(({ order, priority }) => `${at}: ${order} ${priority}`).sort(),
  ),
  rework: s.units.map(({ repairs, overrides }) => `${repairs.length} ${overrides.length}`),
  holds: [...s.holds].sort(),
  events: [...s.events].sort(),
});
