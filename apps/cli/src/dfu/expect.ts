import type { FlashReport } from "@flashline/dfu-core";
import { ENGINE_CODES } from "@flashline/dfu-core";
import { deviceOnPort } from "@flashline/usb-host";
import { InvalidArgumentError } from "commander";
import { Refusal } from "../refusal.ts";
import { hex16 } from "../terminal/units.ts";
import type { UnitOptions } from "./options.ts";
import { unitSource } from "./select.ts";

/** What the port must show after the unit was started: no bootloader any more, or the application's own device. */
export type Expectation =
  | { readonly kind: "dfu-gone" }
  | { readonly kind: "device"; readonly vendorId: number; readonly productId: number };

export function expectation(text: string): Expectation {
  if (text === "dfu-gone") return { kind: "dfu-gone" };
  const [, vendor, product] = /^([0-9a-f]{4}):([0-9a-f]{4})$/i.exec(text) ?? [];
  if (vendor === undefined || product === undefined)
    throw new InvalidArgumentError("Expected dfu-gone or VID:PID, like 0483:5740.");
  return {
    kind: "device",
    vendorId: Number.parseInt(vendor, 16),
    productId: Number.parseInt(product, 16),
  };
}

export function checkExpectation(expected: Expectation, options: UnitOptions): void {
  if (expected.kind === "device" && options.usbip !== undefined)
    throw new Refusal(
      "usage.argument",
      "A USB/IP server shows units in bootloader mode only; over --usbip say --expect dfu-gone.",
    );
}

const LOOK_EVERY_MS = 100;
/** A chip that finds nothing to start resets into its bootloader: it must stay away so long. */
const STAYS_AWAY_MS = 2000;

/** Looks at the port until it shows what is expected, and keeps to it; a sentence says what it shows at the deadline. */
export async function seeOnPort(
  expected: Expectation,
  portPath: string,
  options: UnitOptions,
  withinMs: number,
): Promise<string | undefined> {
  const source = unitSource(options);
  const begun = performance.now();
  let since: number | undefined;
  let shown = "";
  try {
    for (;;) {
      const units = await source.list();
      const inBootloader = units.some((unit) => unit.portPath === portPath);
      const occupant = options.usbip === undefined ? await deviceOnPort(portPath) : undefined;
      const now = performance.now();
      const met =
        !inBootloader &&
        (expected.kind === "dfu-gone" ||
          (occupant?.vendorId === expected.vendorId && occupant.productId === expected.productId));
      since = met ? (since ?? now) : undefined;
      if (since !== undefined && (expected.kind === "device" || now - since >= STAYS_AWAY_MS))
        return undefined;
      shown = inBootloader
        ? "the bootloader is there still"
        : occupant === undefined
          ? "the port shows nothing"
          : `the port shows ${hex16(occupant.vendorId)}:${hex16(occupant.productId)}`;
      if (since === undefined && now - begun >= withinMs) return shown;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  } finally {
    await source.close();
  }
}

/** The report of an attempt whose unit did not show what was expected. */
export const notSeen = (report: FlashReport, detail: string): FlashReport => ({
  ...report,
  outcome: "FAIL",
  code: "leave.not_seen",
  blame: ENGINE_CODES["leave.not_seen"].blame,
  phase: "leave",
  detail,
});
