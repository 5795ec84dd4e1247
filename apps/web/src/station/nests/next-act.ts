import { firstToAcknowledge, type NestView } from "@flashline/contract";
import { type Act, actOf } from "../words/acts.ts";

/** What hands do next, and at which nest. */
export interface NextAct {
  readonly nest: string;
  readonly state: NestView["state"];
  readonly act: Act;
}

/** What a nest asks hands for; null while it works, and when it is out of use. */
export function actAt(nest: NestView): Act | null {
  switch (nest.state) {
    case "fail":
    case "refused":
      return actOf(nest.refusal.code);
    case "present":
      return nest.serial === null ? "scan" : null;
    case "ready":
      return "start";
    case "pass":
      return "takeOut";
    case "label":
      if (nest.refusal !== null) return actOf(nest.refusal.code);
      return isToScan(nest) ? "scanLabel" : null;
    case "empty":
      return "plugIn";
    case "starting":
    case "busy":
    case "off":
      return null;
  }
}

const isToScan = (nest: NestView): boolean =>
  nest.state === "label" && (nest.stage === "scan" || nest.stage === "doubtful");

/**
 * The one nest that needs hands now: one that failed or was refused before all others, then the one whose label is to be scanned, the one that takes the next scan, then START,
 * and then those that want to be emptied or filled: first the one that a scan waits for (`plugInto`). Null: all work.
 */
export function nextAct(
  nests: readonly NestView[],
  plugInto: string | null = null,
): NextAct | null {
  const waits = firstToAcknowledge(nests);
  const inState = (state: NestView["state"]) => nests.find((nest) => nest.state === state);
  const first =
    (waits?.state === "pass" ? undefined : waits) ??
    nests.find(isToScan) ??
    nests.find((nest) => nest.next && nest.state === "present") ??
    inState("ready") ??
    waits ??
    nests.find(({ name, state }) => name === plugInto && state === "empty") ??
    inState("empty");
  const act = first === undefined ? null : actAt(first);
  return first === undefined || act === null ? null : { nest: first.name, state: first.state, act };
}
