import { type PortExpectation, parsePortExpectation } from "@flashline/usb-host";
import { InvalidArgumentError } from "commander";
import { Refusal } from "../refusal.ts";
import type { UnitOptions } from "./options.ts";

/** What `--expect` can say. */
export type Expected = Exclude<PortExpectation, { readonly kind: "serial" }>;

export function expectation(text: string): Expected {
  const expected = parsePortExpectation(text);
  if (expected === undefined)
    throw new InvalidArgumentError("Expected dfu-gone or VID:PID, like 0483:5740.");
  return expected;
}

export function checkExpectation(expected: Expected, options: UnitOptions): void {
  if (expected.kind === "device" && options.usbip !== undefined)
    throw new Refusal(
      "usage.argument",
      "A USB/IP server shows units in bootloader mode only; over --usbip say --expect dfu-gone.",
    );
}
