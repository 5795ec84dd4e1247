import { ENGINE_CODES, type FlashReport } from "@flashline/dfu-core";
import type { Clock } from "@flashline/dfu-core/protocol";
import type { PortOccupant, UnitSource } from "./units.ts";

/** What the port must show after the unit was started: no bootloader any more, or the application's own device. */
export type PortExpectation =
  | { readonly kind: "dfu-gone" }
  | { readonly kind: "device"; readonly vendorId: number; readonly productId: number };

/** "dfu-gone", or ids as lsusb prints them; undefined for anything else. */
export function parsePortExpectation(text: string): PortExpectation | undefined {
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

interface Look {
  readonly inBootloader: boolean;
  readonly occupant: PortOccupant | undefined;
}

async function look(source: UnitSource, portPath: string): Promise<Look> {
  const units = await source.list();
  const inBootloader = units.some((unit) => unit.portPath === portPath);
  return { inBootloader, occupant: await source.deviceOn?.(portPath) };
}

function sentence({ inBootloader, occupant }: Look): string {
  if (inBootloader) return "the bootloader is there still";
  if (occupant === undefined) return "the port shows nothing";
  return `the port shows ${hex16(occupant.vendorId)}:${hex16(occupant.productId)}`;
}

/**
 * Looks at the port until it shows what is expected and keeps showing it; resolves undefined then. Otherwise resolves with a
 * sentence: what the port shows at the deadline. Where the source sees devices in bootloader mode only, a "device" is never
 * seen. A look that fails counts as one that saw nothing; it never makes this reject.
 */
export async function seeOnPort(
  source: UnitSource,
  expected: PortExpectation,
  portPath: string,
  withinMs: number,
  clock: Clock,
): Promise<string | undefined> {
  const begun = clock.now();
  let since: number | undefined;
  for (;;) {
    const seen = await look(source, portPath).catch(() => undefined);
    const now = clock.now();
    const met =
      seen !== undefined &&
      !seen.inBootloader &&
      (expected.kind === "dfu-gone" ||
        (seen.occupant?.vendorId === expected.vendorId &&
          seen.occupant.productId === expected.productId));
    since = met ? (since ?? now) : undefined;
    if (since !== undefined && (expected.kind === "device" || now - since >= STAYS_AWAY_MS)) {
      return undefined;
    }
    if (since === undefined && now - begun >= withinMs) {
      return seen === undefined ? "the port cannot be looked at" : sentence(seen);
    }
    await clock.sleep(LOOK_EVERY_MS);
  }
}

/** The report of an attempt whose unit did not show what was expected; `detail` as {@link seeOnPort} says it. */
export const notSeen = (report: FlashReport, detail: string): FlashReport => ({
  ...report,
  outcome: "FAIL",
  code: "leave.not_seen",
  blame: ENGINE_CODES["leave.not_seen"].blame,
  phase: "leave",
  detail,
});
