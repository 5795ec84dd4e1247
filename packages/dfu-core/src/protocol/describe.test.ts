import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeStringDescriptor,
  describeDevice,
  parseConfiguration,
  parseDeviceDescriptor,
} from "./index.ts";

const DEVICE = Uint8Array.of(18, 1, 0, 1, 0, 0, 0, 64, 0x83, 4, 0x11, 0xdf, 0, 0x22, 1, 2, 3, 1);
const alternate = (number: number, name: number) => [9, 4, 0, number, 0, 0xfe, 1, 2, name];
const FUNCTIONAL = [9, 0x21, 0x0b, 0xff, 0, 0, 8, 0x1a, 1];
const HID = [9, 4, 1, 0, 1, 3, 0, 0, 0, 9, 0x21, 0x11, 1, 0, 1, 0x22, 0x40, 0];
const header = (length: number) => [9, 2, length, 0, 1, 1, 0, 0xc0, 50];
const configuration = (...parts: number[][]) => Uint8Array.from([...header(0), ...parts.flat()]);
const string = (value: string, announced = 2 + 2 * value.length) =>
  Uint8Array.from([announced, 3, ...[...value].flatMap((letter) => [letter.charCodeAt(0), 0])]);

describe("descriptors", () => {
  it("are found with the functional descriptor after the last alternate", async () => {
    const strings = [
      "",
      "ST",
      "STM32  BOOTLOADER",
      "S1",
      "@Internal Flash  /0x08000000/064*0002Kg",
      "@Option",
    ];
    const described = await describeDevice({
      device: DEVICE,
      configuration: configuration(alternate(0, 4), alternate(1, 5), FUNCTIONAL),
      string: (index) => Promise.resolve(string(strings[index] ?? "")),
    });
    expect(described).toMatchObject({
      vendorId: 0x0483,
      productId: 0xdf11,
      bcdDevice: 0x2200,
      product: "STM32  BOOTLOADER",
      serial: "S1",
      alternates: [
        { alternate: 0, name: "@Internal Flash  /0x08000000/064*0002Kg" },
        { alternate: 1, name: "@Option" },
      ],
      functional: {
        attributes: 0x0b,
        transferSize: 2048,
        detachTimeoutMs: 255,
        dfuVersion: 0x011a,
      },
    });
  });

  it("do not take a HID descriptor for the functional one", () => {
    const found = parseConfiguration(configuration(alternate(0, 4), HID));
    expect(found?.alternates).toHaveLength(1);
    expect(found?.functional).toBeUndefined();
    expect(parseConfiguration(configuration(HID))).toBeUndefined();
  });

  it("with wTransferSize 0 are taken as 2048", () => {
    const zero = FUNCTIONAL.with(5, 0).with(6, 0);
    expect(parseConfiguration(configuration(alternate(0, 4), zero))?.functional?.transferSize).toBe(
      2048,
    );
  });

  it("have strings read as far as they came", () => {
    expect(decodeStringDescriptor(string("@Internal Flash", 166))).toBe("@Internal Flash");
    expect(decodeStringDescriptor(Uint8Array.of(4, 3, 65, 0, 66))).toBe("A");
    expect(decodeStringDescriptor(undefined)).toBe("");
  });

  it("that are no device descriptor are refused", () => {
    expect(() => parseDeviceDescriptor(DEVICE.slice(0, 10))).toThrow(
      expect.objectContaining({ code: "device.protocol" }),
    );
  });

  it("never make the parsers fail, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        parseConfiguration(bytes);
        decodeStringDescriptor(bytes);
      }),
    );
  });
});
