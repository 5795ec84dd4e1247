import type { FlashReport } from "@flashline/dfu-core";
import { ENGINE_CODES } from "@flashline/dfu-core";
import { type PortExpectation, parsePortExpectation } from "@flashline/usb-host";
import { InvalidArgumentError } from "commander";
import { Refusal } from "../refusal.ts";
import type { UnitOptions } from "./options.ts";

export function expectation(text: string): PortExpectation {
  const expected = parsePortExpectation(text);
  if (expected === undefined)
    throw new InvalidArgumentError("Expected dfu-gone or VID:PID, like 0483:5740.");
  return expected;
}

export function checkExpectation(expected: PortExpectation, options: UnitOptions): void {
  if (expected.kind === "device" && options.usbip !== undefined)
    throw new Refusal(
      "usage.argument",
      "A USB/IP server shows units in bootloader mode only; over --usbip say --expect dfu-gone.",
    );
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
