import { describe, expect, it } from "vitest";
import {
  decodeStringDescriptor,
  describeDevice,
  parseConfiguration,
  parseFunctionalDescriptor,
} from "./index.ts";

const DEVICE = Uint8Array.of(18, 1, 0, 1, 0, 0, 0, 64, 0x83, 4, 0x11, 0xdf, 0, 0x22, 0, 0, 0, 1);
const dfu = (number: number, name: number) => [9, 4, number, 0, 0, 0xfe, 1, 2, name];

describe("a device that is odd", () => {
  it("has no DFU interface: no alternates, no functional descriptor, and no string is asked for", async () => {
    const asked: number[] = [];
    const described = await describeDevice({
      device: DEVICE,
      configuration: Uint8Array.of(9, 4, 0, 0, 1, 3, 0, 0, 0),
      string: (index) => {
        asked.push(index);
        return Promise.resolve(undefined);
      },
    });
    expect(described).toMatchObject({ interfaceNumber: 0, alternates: [], functional: undefined });
    expect([described.product, asked]).toEqual(["", []]);
  });

  it("has a second DFU interface, which is not mixed into the first", () => {
    const both = Uint8Array.from([...dfu(1, 4), ...dfu(2, 5)]);
    expect(parseConfiguration(both)).toMatchObject({
      interfaceNumber: 1,
      alternates: [{ nameIndex: 4 }],
    });
  });

  it("is cut off, says lengths that cannot be, or speaks DFU 1.0", () => {
    expect(parseConfiguration(Uint8Array.from([...dfu(0, 4), 0, 4]))?.alternates).toHaveLength(1);
    expect(
      parseConfiguration(Uint8Array.from([...dfu(0, 4), 9, 0x21]))?.functional,
    ).toBeUndefined();
    expect(parseFunctionalDescriptor(Uint8Array.of(7, 0x21, 1, 0, 0, 64, 0))).toEqual({
      attributes: 1,
      detachTimeoutMs: 0,
      transferSize: 64,
      dfuVersion: 0x0100,
    });
    expect(parseFunctionalDescriptor(Uint8Array.of(7, 0x22, 1, 0, 0, 64, 0))).toBeUndefined();
  });

  it("has strings that end in NUL, or are none", () => {
    expect(decodeStringDescriptor(Uint8Array.of(8, 3, 65, 0, 0, 0, 66, 0))).toBe("A");
    expect(decodeStringDescriptor(Uint8Array.of(4, 2, 65, 0))).toBe("");
    expect(decodeStringDescriptor(undefined)).toBe("");
  });
});
