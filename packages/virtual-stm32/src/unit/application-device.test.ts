import { describe, expect, it } from "vitest";
import { VirtualClock } from "../clock/virtual-clock.ts";
import { partByName } from "../parts/index.ts";
import { parseApplication } from "../simulator/application.ts";
import { attachInProcess } from "../transport/in-process.ts";
import { REBOOT_MS } from "./options.ts";
import { createVirtualUnit, type VirtualUnit } from "./virtual-unit.ts";

const START = 0x0800_0000;
const SERIAL_AT = START + 0x20;

/** A unit that holds something to start, and `label` in its flash. */
function prepared(spec: string, label: Uint8Array = Uint8Array.of()) {
  const clock = new VirtualClock();
  const application = parseApplication(spec);
  const unit = createVirtualUnit({
    part: partByName("f072"),
    clock,
    ...(application === undefined ? {} : { application }),
  });
  const vector = new DataView(new ArrayBuffer(8));
  vector.setUint32(0, 0x2000_1000, true);
  vector.setUint32(4, START + 0x101, true);
  unit.flash.load(START, new Uint8Array(vector.buffer));
  unit.flash.load(SERIAL_AT, label);
  return { clock, unit };
}

/** Leaves as a host does: SET_ADDRESS, a download of nothing, GETSTATUS. */
async function leave({ unit, clock }: ReturnType<typeof prepared>): Promise<void> {
  const transport = attachInProcess(unit, clock);
  await transport.controlOut(1, 0, Uint8Array.of(0x21, 0, 0, 0, 8), 1000);
  for (let status = 0; status < 2; status += 1) {
    await transport.controlIn(3, 0, 6, 1000);
    await clock.sleep(100);
  }
  await transport.controlOut(1, 0, Uint8Array.of(), 1000);
  await transport.controlIn(3, 0, 6, 1000);
}

const standard = (request: number, value: number, length = 0) => ({
  requestType: length > 0 ? 0x80 : 0,
  request,
  value,
  index: 0,
  length,
});
function textOf(unit: VirtualUnit, index: number): string | undefined {
  const reply = unit.handleControl(standard(6, 0x0300 | index, 255));
  return reply.kind === "data"
    ? Buffer.from(reply.data.subarray(2)).toString("utf16le")
    : undefined;
}
function deviceOf(unit: VirtualUnit): readonly number[] {
  const reply = unit.handleControl(standard(6, 0x0100, 18));
  return reply.kind === "data" ? [...reply.data] : [];
}

describe("an application that shows itself", () => {
  it("is on the bus after the boot time, as another device with its own ids and serial", async () => {
    const bench = prepared("1209:0001,SN-17");
    const { unit, clock } = bench;
    const before = unit.deviceNumber;
    await leave(bench);
    expect([unit.mode, unit.onBus]).toEqual(["absent", false]);
    expect(unit.handleControl(standard(6, 0x0100, 18)).kind).toBe("gone");
    clock.advance(REBOOT_MS);
    expect([unit.mode, unit.onBus, unit.attached]).toEqual(["application", true, false]);
    expect(unit.deviceNumber).toBe(before + 1);
    const device = deviceOf(unit);
    expect(device.slice(8, 12)).toEqual([0x09, 0x12, 0x01, 0x00]);
    expect(textOf(unit, device[16] ?? 0)).toBe("SN-17");
    expect(unit.summary).toMatchObject({ vendorId: 0x1209, interfaceClass: [0xff, 0, 0] });
    expect(unit.illegal).toEqual([]);
  });

  it("takes no request but the standard ones, and lists what it refuses", async () => {
    const bench = prepared("1209:0001,SN-17");
    const { unit, clock } = bench;
    await leave(bench);
    clock.advance(REBOOT_MS);
    expect(unit.handleControl(standard(9, 1)).kind).toBe("data");
    expect(unit.configuration).toBe(1);
    const status = { requestType: 0xa1, request: 3, value: 0, index: 0, length: 6 };
    expect(unit.handleControl(status).kind).toBe("stall");
    expect(unit.illegal).toEqual([expect.stringContaining("request 3 while the application runs")]);
  });

  it.each<[string, string, Uint8Array, string | undefined]>([
    ["up to the first zero", "@0x08000020+16", Buffer.from("SN-1\0junk"), "SN-1"],
    ["up to erased flash", "@0x08000020+16", Buffer.from("SN-2"), "SN-2"],
    ["as long as it may be", "@0x08000020+3", Buffer.from("SN-345"), "SN-"],
    ["none of erased flash", "@0x08000020+16", Buffer.of(), undefined],
    ["none of what is no text", "@0x08000020+16", Buffer.from([0x53, 0x07, 0]), undefined],
    ["none of what is outside", "@0x09000000+16", Buffer.of(), undefined],
  ])("reads its serial from the flash: %s", async (_what, at, label, serial) => {
    const bench = prepared(`1209:0001,${at}`, label);
    await leave(bench);
    bench.clock.advance(REBOOT_MS);
    const index = deviceOf(bench.unit)[16] ?? -1;
    expect(index === 0 ? undefined : textOf(bench.unit, index)).toBe(serial);
  });

  it("ends with the power, and the unit is a bootloader again", async () => {
    const bench = prepared("1209:0001");
    const { unit, clock } = bench;
    await leave(bench);
    clock.advance(REBOOT_MS);
    expect(deviceOf(unit)[16]).toBe(0);
    unit.powerCycle();
    clock.advance(REBOOT_MS);
    expect([unit.mode, unit.summary.productId]).toEqual(["bootloader", 0xdf11]);
  });

  it("is not there where nobody asked for one, nor where nothing starts", async () => {
    const silent = prepared("off");
    await leave(silent);
    expect([silent.unit.mode, silent.unit.onBus]).toEqual(["application", false]);
    const dead = prepared("1209:0001,SN-17");
    dead.unit.flash.load(START, new Uint8Array(8).fill(0xff));
    await leave(dead);
    dead.clock.advance(REBOOT_MS);
    expect([dead.unit.mode, dead.unit.onBus]).toEqual(["bootloader", true]);
  });

  it.each(["", "1209", "1209:0001,", "1209:0001,@0x08000000", `1209:0001,${"x".repeat(127)}`])(
    "is not understood as %j",
    (spec) => {
      expect(() => parseApplication(spec)).toThrow();
    },
  );
});
