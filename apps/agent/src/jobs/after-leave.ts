import { FlashlineError, type Recipe, type ShownApplication } from "@flashline/contract";
import { checkSerialRule, shownSerial } from "@flashline/contract/pattern";
import type { FlashReport } from "@flashline/dfu-core";
import type { Clock } from "@flashline/dfu-core/protocol";
import {
  afterLook,
  idsText,
  type PortExpectation,
  type PortFinding,
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
 * Undefined when the recipe expects nothing. Throws before anything is erased: `preflight.virtual_unit` when this station could
 * never see what the recipe expects, `preflight.serial_malformed` when the recipe's rule does not fit the scanned serial.
 */
export function expectedAfterLeave(
  { expectAfterLeave }: Recipe,
  scanned: string,
  source: UnitSource,
): AfterLeave | undefined {
  if (expectAfterLeave === undefined) return undefined;
  checkSerialRule({ expectAfterLeave });
  const expected = expectationOf(expectAfterLeave, scanned);
  if (expected.kind !== "dfu-gone" && source.deviceOn === undefined) {
    const what = expected.kind === "device" ? idsText(expected) : "the application's serial";
    throw new FlashlineError(
      "preflight.virtual_unit",
      `The release expects ${what} after the start; over USB/IP an application is not seen.`,
    );
  }
  return { expected, withinMs: expectAfterLeave.withinSeconds * 1000 };
}

function expectationOf(
  { show, serial: rule }: NonNullable<Recipe["expectAfterLeave"]>,
  scanned: string,
): PortExpectation {
  const device = parsePortExpectation(show ?? "dfu-gone");
  if (device === undefined) throw new FlashlineError("release.manifest_invalid");
  if (rule === undefined) return device;
  const serial = shownSerial(rule, scanned);
  if (serial === undefined) {
    throw new FlashlineError(
      "preflight.serial_malformed",
      `The release has the application show a serial made of ${rule.pattern ?? "the scanned one"}; ${scanned} does not fit.`,
    );
  }
  return { kind: "serial", serial, ids: device.kind === "device" ? device : undefined };
}

/** What became of an attempt with its start. */
export interface StartedReport {
  readonly report: FlashReport;
  /** What the port showed; undefined where the release asks for no serial, or the attempt failed before. */
  readonly application: ShownApplication | undefined;
}

/**
 * The report of a unit whose flash was read back and equal, after a look at its port: a unit that does not start as expected, or shows
 * itself as another one than was scanned, has failed.
 */
export async function seenAfterLeave(
  report: FlashReport,
  after: AfterLeave | undefined,
  { portPath, scanned }: { readonly portPath: string; readonly scanned: string },
  source: UnitSource,
  clock: Clock,
): Promise<StartedReport> {
  if (after === undefined || report.outcome !== "PASS") return { report, application: undefined };
  const finding = await seeOnPort(source, after.expected, portPath, after.withinMs, clock);
  const application =
    after.expected.kind === "serial" ? shown(finding, after.expected.serial) : undefined;
  return { report: afterLook(report, named(finding, scanned)), application };
}

/** What a server takes of a text that a device made. */
const LONGEST_SERIAL = 200;

function shown({ occupant: seen }: PortFinding, expected: string): ShownApplication {
  const occupant = seen?.kind === "application" ? seen : undefined;
  const serial = occupant?.serial.slice(0, LONGEST_SERIAL) ?? "";
  return {
    expected,
    serial: serial === "" ? null : serial,
    ids: occupant === undefined ? null : idsText(occupant),
  };
}

/** Says of which scanned unit another one sits in the nest. */
function named(finding: PortFinding, scanned: string): PortFinding {
  if (finding.kind === "seen" || finding.code !== "leave.other_serial") return finding;
  return {
    ...finding,
    detail: `${scanned} was scanned, but ${finding.detail}; it was flashed all the same`,
  };
}
