import type { Code } from "@flashline/contract";
import type { Nest, OccupiedPort } from "./nest.ts";

/** Whether a nest takes a scan: on which port its unit is, or why it does not. */
export type ScanAnswer =
  | { readonly kind: "takes"; readonly port: OccupiedPort }
  | { readonly kind: "refuses"; readonly code: Code };

/**
 * Whether a scan of `serial` may go to this nest: a unit waits there, and either the port was empty since the last job, or it
 * is the last job's unit again (a retest; scanning its label acknowledges its FAIL).
 */
export function takesScan(nest: Nest, serial: string): ScanAnswer {
  if (nest.state === "off" || ((nest.state === "fail" || nest.state === "label") && nest.isOff))
    return refuses("preflight.nest_off");
  if (nest.state === "busy" || nest.state === "starting") return refuses("preflight.nest_busy");
  if (nest.state === "label") return refuses("nest.label_open");
  const { port, last } = nest;
  if (isUnseenFail(nest) && last?.serial !== serial) return refuses("nest.fail_unseen");
  if (port.kind !== "occupied") return refuses("nest.empty");
  if (last === null || last.serial === serial) return { kind: "takes", port };
  return refuses("nest.not_armed");
}

/** A FAIL that nobody has acknowledged, whose unit is not in the nest any more. */
export const isUnseenFail = (nest: Nest): boolean => nest.state === "fail" && nest.unitOut;

const refuses = (code: Code): ScanAnswer => ({ kind: "refuses", code });

/** What tells the operator to scan another label of the unit that is in the nest. */
const ASKS_FOR_ANOTHER_LABEL: ReadonlySet<string> = new Set<Code>([
  "preflight.unknown_serial",
  "preflight.serial_malformed",
]);

/** Armed, with a unit that was not scanned yet, or whose scanned label does not belong to its product. */
export function isWaiting(nest: Nest): boolean {
  if (nest.last !== null) return false;
  if (nest.state === "refused") return ASKS_FOR_ANOTHER_LABEL.has(nest.refusal.code);
  return nest.state === "present";
}
