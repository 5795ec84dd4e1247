import { detachUnit, flashPlainUnit, flashUnit } from "@flashline/dfu-core";
import {
  PlainDevice,
  RunTimeDevice,
  type RunTimeDeviceOptions,
  VirtualClock,
} from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { imageAt, pattern } from "./bench.ts";

const DATA = pattern(300);
const image = imageAt(DATA);

function device(options: Partial<RunTimeDeviceOptions> = {}) {
  const clock = new VirtualClock();
  return { clock, transport: new RunTimeDevice({ clock, ...options }) };
}

describe("a device that runs its application", () => {
  it.each([
    { willDetach: false },
    { willDetach: true },
    { willDetach: true, bootMs: 3000 },
    { willDetach: false, detachTimeoutMs: 20 },
  ])("is brought into DFU mode and flashed, with %j", async (options) => {
    const io = device(options);
    expect(await detachUnit(io)).toMatchObject({ outcome: "PASS", touched: false });
    expect(io.transport.descriptors.alternates[0]?.protocol).toBe(2);
    expect(await flashPlainUnit({ ...io, image })).toMatchObject({ outcome: "PASS" });
    expect(io.transport.bootloader.memory.slice(0, 300)).toEqual(DATA);
    expect([...io.transport.illegal, ...io.transport.bootloader.illegal]).toEqual([]);
  });

  it("is never detached unasked: a flash refuses it, and it runs on", async () => {
    for (const flash of [flashPlainUnit, flashUnit]) {
      const io = device({ willDetach: true });
      const report = await flash({ ...io, image });
      expect(report).toMatchObject({ outcome: "FAIL", touched: false });
      expect(report.code).toMatch(/^device\./);
      expect(io.transport.descriptors.alternates[0]?.protocol).toBe(1);
    }
  });

  it.each([
    ["refuses DETACH", { refuses: true }, "device.protocol"],
    ["never comes back", { bootMs: Number.POSITIVE_INFINITY }, "link.lost"],
    ["no longer waits when the reset comes", { detachTimeoutMs: 0 }, "device.not_dfu"],
  ])("that %s is no PASS", async (_, options, code) => {
    expect(await detachUnit(device(options))).toMatchObject({ outcome: "FAIL", code });
  });

  it("is not one that is in DFU mode already", async () => {
    const clock = new VirtualClock();
    const report = await detachUnit({ clock, transport: new PlainDevice({ clock }) });
    expect(report).toMatchObject({ outcome: "FAIL", code: "usage.argument", transfers: 0 });
  });
});

describe("a plain device with several alternates", () => {
  const alternates = ["RAM, not supported", "flash at 0x8005000", "flash at 0x8002000"];

  it("is flashed in the one that is named, and in no other", async () => {
    const clock = new VirtualClock();
    const transport = new PlainDevice({ clock, alternates });
    const right = await flashPlainUnit({ clock, transport, image, alternate: 2 });
    expect(right).toMatchObject({ outcome: "PASS" });
    expect(transport.memory.slice(0, 300)).toEqual(DATA);
    expect(transport.illegal).toEqual([]);

    const other = new PlainDevice({ clock, alternates });
    const wrong = await flashPlainUnit({ clock, transport: other, image, alternate: 0 });
    expect(wrong.outcome).toBe("FAIL");
    expect(other.memory.every((byte) => byte === 0xff)).toBe(true);
  });
});
