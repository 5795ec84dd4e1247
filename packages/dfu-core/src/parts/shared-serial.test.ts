import { expect, it } from "vitest";
import { isSharedSerial } from "./shared-serial.ts";

it.each(["", "FFFFFFFEFFFF", "FFFFFFFFFFFF", "STM32", "STM32FxSTM32", "3CBJ", "3C6J"])(
  "%j tells no unit from another",
  (serial) => {
    expect(isSharedSerial(serial)).toBe(true);
  },
);

it.each(["377C35563337", "200364500000", "FFFFFFF10001", "3CBJ0001", "SN-STM32-1"])(
  "%j may be a unit's own",
  (serial) => {
    expect(isSharedSerial(serial)).toBe(false);
  },
);
