import type { Nest } from "../nests/nest.ts";

/** What is in work at a station. */
export type Work =
  | { readonly kind: "none" }
  /** `nest` null: something that is in no nest. `must`: it would be cut off; else somebody has only begun with it. */
  | { readonly kind: "some"; readonly nest: string | null; readonly must: boolean };

/** A restart would cut these off. */
const IN_WORK: ReadonlySet<Nest["state"]> = new Set(["starting", "busy", "label"]);
/** These would be lost to whoever scanned the unit or has not read its verdict yet. */
const IN_HAND: ReadonlySet<Nest["state"]> = new Set(["checking", "ready", "pass"]);

/** `open`: jobs and attempts that are in no nest any more. */
export function workOf(nests: readonly Nest[], open: number): Work {
  const working = nests.find(({ state }) => IN_WORK.has(state));
  if (working !== undefined) return { kind: "some", nest: working.name, must: true };
  if (open > 0) return { kind: "some", nest: null, must: true };
  const held = nests.find(({ state }) => IN_HAND.has(state));
  return held === undefined ? { kind: "none" } : { kind: "some", nest: held.name, must: false };
}
