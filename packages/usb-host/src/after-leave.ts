import { ENGINE_CODES, type EngineCode, type FlashReport } from "@flashline/dfu-core";
import type { Clock } from "@flashline/dfu-core/protocol";
import type { PortOccupant, UnitSource, UsbIds } from "./units.ts";

/** What the port must show after the unit was started: no bootloader any more, the application's own device, or one with this serial. */
export type PortExpectation =
  | { readonly kind: "dfu-gone" }
  | ({ readonly kind: "device" } & UsbIds)
  /** Without `ids` every device counts that is no bootloader. */
  | { readonly kind: "serial"; readonly serial: string; readonly ids: UsbIds | undefined };

/** What a port showed. `occupant` is what the finding rests on; undefined where that is nothing. */
export type PortFinding =
  | { readonly kind: "seen"; readonly occupant: PortOccupant | undefined }
  | {
      readonly kind: "missed";
      readonly code: EngineCode & `leave.${string}`;
      readonly detail: string;
      readonly occupant: PortOccupant | undefined;
    };

/** "dfu-gone", or ids as lsusb prints them; undefined for anything else. */
export function parsePortExpectation(
  text: string,
): Exclude<PortExpectation, { readonly kind: "serial" }> | undefined {
  if (text === "dfu-gone") return { kind: "dfu-gone" };
  const [, vendor, product] = /^([0-9a-f]{4}):([0-9a-f]{4})$/i.exec(text) ?? [];
  if (vendor === undefined || product === undefined) return undefined;
  return {
    kind: "device",
    vendorId: Number.parseInt(vendor, 16),
    productId: Number.parseInt(product, 16),
  };
}

const LOOK_EVERY_MS = 100;
/** A chip that finds nothing to start resets into its bootloader. The bootloader must stay away for so long, milliseconds. */
const STAYS_AWAY_MS = 2000;

const hex16 = (value: number): string => value.toString(16).padStart(4, "0");
/** Ids as lsusb prints them. */
export const idsText = ({ vendorId, productId }: UsbIds): string =>
  `${hex16(vendorId)}:${hex16(productId)}`;

interface Look {
  readonly inBootloader: boolean;
  readonly occupant: PortOccupant | undefined;
}

async function look(source: UnitSource, portPath: string): Promise<Look> {
  const units = await source.list();
  const listed = units.some((unit) => unit.portPath === portPath && unit.runTime !== true);
  const occupant = await source.deviceOn?.(portPath);
  return { inBootloader: listed || occupant?.kind === "bootloader", occupant };
}

/** A scanned serial is kept in capitals, whatever the label has. */
const isSameSerial = (a: string, b: string): boolean => a.toUpperCase() === b.toUpperCase();

const isSame = (a: PortOccupant | undefined, b: PortOccupant | undefined): boolean =>
  a?.deviceNumber === b?.deviceNumber && a?.serial === b?.serial && a?.kind === b?.kind;

/** The application that a look shows; undefined where it shows none, or one with other ids than `ids`. */
function application({ inBootloader, occupant }: Look, ids: UsbIds | undefined) {
  if (inBootloader || occupant?.kind !== "application") return undefined;
  return ids === undefined || idsText(ids) === idsText(occupant) ? occupant : undefined;
}

/**
 * Looks at the port until it shows what is expected and keeps showing it, or something that rules this out, or the time is over. A
 * serial counts when two looks in a row show it; another serial is found at once and not waited for, because what comes
 * after it may be a unit that was plugged in instead. Where the source sees devices in bootloader mode only, neither a "device"
 * nor a "serial" is ever seen. A look that fails counts as one that saw nothing; it never makes this reject.
 */
export async function seeOnPort(
  source: UnitSource,
  expected: PortExpectation,
  portPath: string,
  withinMs: number,
  clock: Clock,
): Promise<PortFinding> {
  const begun = clock.now();
  let since: number | undefined;
  let before: Look | undefined;
  let nameless: PortOccupant | undefined;
  for (;;) {
    const seen = await look(source, portPath).catch(() => undefined);
    const now = clock.now();
    const inTime = now - begun <= withinMs;
    if (expected.kind === "serial") {
      const shown = seen && application(seen, expected.ids);
      const isSteady = before !== undefined && isSame(before.occupant, seen?.occupant);
      if (shown !== undefined && isSteady && (inTime || since !== undefined)) {
        if (isSameSerial(shown.serial, expected.serial)) return { kind: "seen", occupant: shown };
        if (shown.serial !== "") return otherSerial(shown, expected.serial);
        nameless = shown;
      }
      // What was there in time is looked at once more.
      since = shown !== undefined && inTime ? now : undefined;
      before = seen;
    } else {
      const met = seen !== undefined && meets(seen, expected) && (inTime || since !== undefined);
      since = met ? (since ?? now) : undefined;
      if (since !== undefined && (expected.kind === "device" || now - since >= STAYS_AWAY_MS)) {
        return { kind: "seen", occupant: seen?.occupant };
      }
    }
    if (since === undefined && now - begun >= withinMs) return missed(seen, nameless);
    await clock.sleep(LOOK_EVERY_MS);
  }
}

function meets(
  { inBootloader, occupant }: Look,
  expected: Exclude<PortExpectation, { readonly kind: "serial" }>,
): boolean {
  if (inBootloader) return false;
  return (
    expected.kind === "dfu-gone" ||
    (occupant !== undefined && idsText(expected) === idsText(occupant))
  );
}

const otherSerial = (occupant: PortOccupant, expected: string): PortFinding => ({
  kind: "missed",
  code: "leave.other_serial",
  detail: `the application shows the serial ${occupant.serial}, and ${expected} is expected`,
  occupant,
});

/** What is wrong with a port at the deadline. */
function missed(seen: Look | undefined, nameless: PortOccupant | undefined): PortFinding {
  if (seen === undefined) return notSeen("the port cannot be looked at", undefined);
  const { inBootloader, occupant } = seen;
  if (inBootloader) {
    const detail = "the bootloader is there still, or again";
    return { kind: "missed", code: "leave.bootloader", detail, occupant };
  }
  if (nameless !== undefined) {
    const detail = `the application ${idsText(nameless)} shows no serial`;
    return { kind: "missed", code: "leave.no_serial", detail, occupant: nameless };
  }
  if (occupant === undefined) return notSeen("the port shows nothing", occupant);
  return notSeen(`the port shows ${idsText(occupant)}`, occupant);
}

const notSeen = (detail: string, occupant: PortOccupant | undefined): PortFinding => ({
  kind: "missed",
  code: "leave.not_seen",
  detail,
  occupant,
});

/** The report of a unit that passed until its port was looked at. */
export const afterLook = (report: FlashReport, finding: PortFinding): FlashReport =>
  finding.kind === "seen"
    ? report
    : {
        ...report,
        outcome: "FAIL",
        code: finding.code,
        blame: ENGINE_CODES[finding.code].blame,
        phase: "leave",
        detail: finding.detail,
      };
