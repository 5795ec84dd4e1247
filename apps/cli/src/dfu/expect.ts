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
