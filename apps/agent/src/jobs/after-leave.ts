import { FlashlineError, type Recipe } from "@flashline/contract";
import type { FlashReport } from "@flashline/dfu-core";
import type { Clock } from "@flashline/dfu-core/protocol";
import {
  notSeen,
  type PortExpectation,
  parsePortExpectation,
  seeOnPort,
  type UnitSource,
} from "@flashline/usb-host";

/** What a release wants to see of a started unit. */
export interface AfterLeave {
  readonly expected: PortExpectation;
  readonly withinMs: number;
}

/**
 * Undefined when the recipe expects nothing. Throws `preflight.virtual_unit`, before anything is erased, when this station could
 * never see what the recipe expects.
 */
export function expectedAfterLeave(
  { expectAfterLeave }: Recipe,
  source: UnitSource,
): AfterLeave | undefined {
  if (expectAfterLeave === undefined) return undefined;
  const { show, withinSeconds } = expectAfterLeave;
  const expected = parsePortExpectation(show);
  if (expected === undefined) throw new FlashlineError("release.manifest_invalid");
  if (expected.kind === "device" && source.deviceOn === undefined) {
    throw new FlashlineError(
      "preflight.virtual_unit",
      `The release expects ${show} after the start; over USB/IP an application is not seen.`,
    );
  }
  return { expected, withinMs: withinSeconds * 1000 };
}

/** The report of a unit that passed, after a look at its port: a unit that does not start as expected has failed. */
export async function seenAfterLeave(
  report: FlashReport,
  after: AfterLeave | undefined,
  portPath: string,
  source: UnitSource,
  clock: Clock,
): Promise<FlashReport> {
  if (after === undefined || report.outcome !== "PASS") return report;
  const wrong = await seeOnPort(source, after.expected, portPath, after.withinMs, clock);
  return wrong === undefined ? report : notSeen(report, wrong);
}
