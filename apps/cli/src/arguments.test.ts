import { expect, test } from "vitest";
import { address, addressSpan, byteCount, usbIds, usbIpAddress } from "./arguments.ts";
import { selectUnit } from "./dfu/select.ts";
import { mapPicture } from "./image/picture.ts";
import { Refusal } from "./refusal.ts";
import { sizeText, timeText } from "./terminal/units.ts";

test("addresses and sizes are whole numbers in range, in hexadecimal or decimal", () => {
  expect(address("0x08000000")).toBe(0x0800_0000);
  expect(address("134217728")).toBe(0x0800_0000);
  expect(byteCount("16K")).toBe(16_384);
  expect(byteCount("0x200")).toBe(512);
  expect([byteCount("1M"), byteCount("1m")]).toEqual([1_048_576, 1_048_576]);
  for (const text of ["", "-1", "0x", "08h", "0x100000000", "1e3"])
    expect(() => address(text), text).toThrow();
  for (const text of ["0", "", "1.5K", "4G", "5000M"])
    expect(() => byteCount(text), text).toThrow();
});

test("a number with a leading zero and no 0x is unclear, and says what to write", () => {
  for (const text of ["08000000", "0800", "00", "0a"])
    for (const read of [address, byteCount])
      expect(() => read(text), text).toThrow(new RegExp(`${text} is unclear: write 0x${text} `));
  expect(address("0")).toBe(0);
  expect(() => addressSpan("0x08000000-0800ffff")).toThrow(/unclear/);
});

test("a range has a first and a last address", () => {
  const one = addressSpan("0x08000000-0x0800ffff");
  expect(one).toEqual([{ from: 0x0800_0000, to: 0x0800_ffff }]);
  expect(addressSpan("0-15", one)).toEqual([...one, { from: 0, to: 15 }]);
  for (const text of ["", "0x08000000", "1-2-3", "-5", "1-", "0x08000000+16"])
    expect(() => addressSpan(text), text).toThrow();
});

test("USB ids are read as lsusb prints them", () => {
  expect(usbIds("0483:DF11")).toEqual({ vendorId: 0x0483, productId: 0xdf11 });
  for (const text of ["483:df11", "0483-df11", "0483:df11:1", ""]) {
    expect(() => usbIds(text), text).toThrow();
  }
});

test("a USB/IP address has a host, a port and perhaps a busid", () => {
  expect(usbIpAddress("127.0.0.1:3240")).toEqual({ host: "127.0.0.1", port: 3240 });
  expect(usbIpAddress("[::1]:3240/1-1.2")).toEqual({ host: "::1", port: 3240, busid: "1-1.2" });
  for (const text of ["3240", "host:", "host:0", "host:70000", "host:3240/", "::1:3240"])
    expect(() => usbIpAddress(text), text).toThrow();
});

const unit = (portPath: string, serial: string) => ({
  portPath,
  serial,
  vendorId: 0x0483,
  productId: 0xdf11,
  bcdDevice: 0x2200,
  product: "STM32  BOOTLOADER",
  deviceNumber: 3,
  host: {
    machine: "m",
    controller: {
      pciAddress: "0000:00:14.0",
      vendorDevice: "8086:a36d",
      driver: "xhci_hcd",
      kind: "xhci" as const,
    },
    hubs: [],
    portPath,
    speed: "full" as const,
    os: "Linux",
  },
  virtual: false,
});

const codeOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return error instanceof Refusal ? [error.code, error.exit, error.units] : error;
  }
  return "selected";
};

test("one unit is taken, several are listed and none is guessed", () => {
  const units = [unit("3-1", "STM32FxSTM32"), unit("3-2", "STM32FxSTM32")];
  expect(selectUnit(units.slice(0, 1), {}).portPath).toBe("3-1");
  expect(selectUnit(units, { path: "3-2" }).portPath).toBe("3-2");
  expect(codeOf(() => selectUnit(units, {}))).toEqual(["device.several", 3, ["3-1", "3-2"]]);
  const same = codeOf(() => selectUnit(units, { serial: "STM32FxSTM32" }));
  expect(same).toEqual(["device.several", 3, ["3-1", "3-2"]]);
  expect(codeOf(() => selectUnit(units, { path: "3-3" }))).toEqual([
    "device.not_found",
    3,
    undefined,
  ]);
  const contradicting = { path: "3-1", usbip: { host: "h", port: 1, busid: "3-2" } };
  expect(codeOf(() => selectUnit(units, contradicting))).toEqual([
    "device.not_found",
    3,
    undefined,
  ]);
});

test("sizes, times and the memory map read well", () => {
  expect([sizeText(1), sizeText(31_744), sizeText(393_216), sizeText(1_572_864)]).toEqual([
    "1 byte",
    "31 KiB",
    "384 KiB",
    "1.5 MiB",
  ]);
  expect([timeText(850), timeText(6240), timeText(125_000)]).toEqual([
    "850 ms",
    "6.2 s",
    "2 min 05 s",
  ]);
  const picture = mapPicture(
    [
      { address: 0x0800_0000, data: new Uint8Array(1024) },
      { address: 0x0800_3c00, data: new Uint8Array(1024) },
    ],
    42,
  );
  expect(picture).toBe("  0x08000000 |█              █| 1 KiB each");
});
