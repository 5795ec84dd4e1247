import { afterEach, describe, expect, it } from "vitest";
import { realClock, scaledClock } from "../clock/real-clock.ts";
import { partByName } from "../parts/index.ts";
import { DEFAULT_PLACE } from "../place/place.ts";
import { createRandom } from "../random.ts";
import { UsbIpClient } from "../testing/usbip-client.ts";
import { createVirtualUnit } from "../unit/virtual-unit.ts";
import type { WireServer } from "../wire/listen.ts";
import { serveUsbIp } from "./server.ts";

const DEVICE_RECORD = 312;
const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const unit = (): ReturnType<typeof createVirtualUnit> =>
  createVirtualUnit({
    part: partByName("f072"),
    clock: realClock(),
    timing: "none",
    place: {
      machine: "line-pc-7",
      controller: { ...DEFAULT_PLACE.controller, id: "1022:15b8" },
      hubs: [{ id: "05e3:0610", tt: "multi" }],
    },
  });

function connected(port: number): UsbIpClient {
  const made = new UsbIpClient(port);
  closers.push(() => made.close());
  return made;
}

async function serving(units: ReturnType<typeof unit>[]): Promise<WireServer> {
  const server = await serveUsbIp({ units, port: 0 });
  closers.push(() => server.close());
  return server;
}

const GET_DEVICE = [0x80, 6, 0, 1, 0, 0, 18, 0];
const SET_CONFIGURATION = [0x00, 9, 1, 0, 0, 0, 0, 0];
const GETSTATUS = [0xa1, 3, 0, 0, 0, 0, 6, 0];
const CLRSTATUS = [0x21, 4, 0, 0, 0, 0, 0, 0];
const DNLOAD_ADDRESS = [0x21, 1, 0, 0, 0, 0, 5, 0];
const UPLOAD_BLOCK_1 = [0xa1, 2, 1, 0, 0, 0, 4, 0];

describe("USB/IP server", () => {
  it("lists units with the place in the path, and drops an unplugged one", async () => {
    const units = [unit(), unit()];
    const server = await serving(units);
    units[0]?.unplug();
    const client = connected(server.port);
    client.send(Buffer.from([0x01, 0x11, 0x80, 0x05, 0, 0, 0, 0]));
    const head = await client.read(12);
    expect(head.subarray(0, 8)).toEqual(Buffer.from([0x01, 0x11, 0, 5, 0, 0, 0, 0]));
    expect(head.readUInt32BE(8)).toBe(1);
    const record = await client.read(DEVICE_RECORD + 4);
    expect(record.toString("latin1", 0, 256).replace(/\0.*/s, "")).toBe(
      "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2?virtual=flashline&controller=1022:15b8&driver=xhci_hcd&hub=05e3:0610,multi&machine=line-pc-7",
    );
    expect(record.toString("latin1", 256, 259)).toBe("1-2");
    expect([record.readUInt16BE(300), record.readUInt16BE(302)]).toEqual([0x0483, 0xdf11]);
    expect([...record.subarray(312)]).toEqual([0xfe, 1, 2, 0]);
  });

  it("carries descriptors, data in both directions, and a stall as EPIPE", async () => {
    const client = connected((await serving([unit()])).port);
    expect(await client.import("1-1")).toBe(0);
    client.submit(1, GET_DEVICE);
    expect((await client.reply(true)).data.toString("hex")).toBe(
      "12010001000000408304" + "11df0022" + "01020301",
    );
    client.submit(2, DNLOAD_ADDRESS, Buffer.from([0x21, 0, 0, 0, 8]));
    expect(await client.reply(false)).toMatchObject({ sequence: 2, status: 0 });
    client.submit(3, GETSTATUS);
    expect([...(await client.reply(true)).data]).toEqual([0, 1, 0, 0, 4, 0]);
    client.submit(4, GETSTATUS);
    expect((await client.reply(true)).data[4]).toBe(5);
    client.submit(5, UPLOAD_BLOCK_1);
    expect(await client.reply(true)).toMatchObject({ sequence: 5, status: -32 });
  });

  it("takes SET_CONFIGURATION as the bus reset that does not travel", async () => {
    const one = unit();
    const client = connected((await serving([one])).port);
    await client.import("1-1");
    client.submit(1, CLRSTATUS);
    await client.reply(false);
    client.submit(2, SET_CONFIGURATION);
    await client.reply(false);
    client.submit(3, GETSTATUS);
    expect([...(await client.reply(true)).data]).toEqual([0, 0, 0, 0, 2, 0]);
    expect(one.counters.busResets).toBe(1);
  });

  it("leaves a lost transfer open until it is unlinked", async () => {
    const one = unit();
    const client = connected((await serving([one])).port);
    await client.import("1-1");
    one.addFault({ kind: "lost-setup", trigger: { kind: "nth", n: 1 } });
    client.submit(7, GETSTATUS);
    client.unlink(8, 7);
    expect(await client.reply(false)).toMatchObject({ command: 4, sequence: 8, status: -104 });
    client.submit(9, GETSTATUS);
    expect(await client.reply(true)).toMatchObject({ sequence: 9, status: 0 });
    client.unlink(10, 9);
    expect(await client.reply(false)).toMatchObject({ command: 4, sequence: 10, status: 0 });
  });

  it("answers late when the unit holds the bus", async () => {
    const one = createVirtualUnit({ part: partByName("f745"), clock: scaledClock(10) });
    const client = connected((await serving([one])).port);
    await client.import("1-1");
    client.submit(1, DNLOAD_ADDRESS, Buffer.from([0x41, 0, 0, 0, 8]));
    await client.reply(false);
    client.submit(2, GETSTATUS);
    expect([...(await client.reply(true)).data]).toEqual([0, 250, 0, 0, 4, 0]);
    const before = performance.now();
    client.submit(3, GETSTATUS);
    expect((await client.reply(true)).data[4]).toBe(5);
    expect(performance.now() - before).toBeGreaterThan(15);
  });

  it("gives a unit to one importer at a time, and to the next when that one leaves", async () => {
    const { port } = await serving([unit()]);
    const first = connected(port);
    expect(await first.import("1-1")).toBe(0);
    const second = connected(port);
    expect(await second.import("1-1")).toBe(2);
    expect(await second.import("1-9")).toBe(4);
    await closers.pop()?.();
    await closers.pop()?.();
    await expect.poll(() => connected(port).import("1-1")).toBe(0);
  });

  it("ends with ENODEV when the unit is pulled out, and serves it again with a new device number", async () => {
    const one = unit();
    const { port } = await serving([one]);
    const client = connected(port);
    await client.import("1-1");
    one.addFault({ kind: "lost-setup", trigger: { kind: "nth", n: 1 } });
    client.submit(1, GETSTATUS);
    await expect.poll(() => one.counters.faults["lost-setup"]).toBe(1);
    const before = one.deviceNumber;
    one.unplug();
    expect(await client.reply(true)).toMatchObject({ sequence: 1, status: -19 });
    await client.untilEnd();
    expect(await connected(port).import("1-1")).toBe(4);
    one.plug();
    expect(await connected(port).import("1-1")).toBe(0);
    expect(one.deviceNumber).toBe(before + 1);
  });

  it("survives any bytes, before and after an import", async () => {
    const { port } = await serving([unit()]);
    const random = createRandom(11);
    const junk = (length: number): Uint8Array =>
      Uint8Array.from({ length }, () => (random.chance(0.6) ? 0 : random.integer(256)));
    for (let round = 0; round < 40; round += 1) {
      const client = connected(port);
      if (round % 2 === 0) await client.import("1-1");
      const command = junk(48 * 3);
      command.set([0, 0, 0, 1 + (round % 3)]);
      client.send(command, junk(random.integer(300)));
      await closers.pop()?.();
    }
    await expect.poll(() => connected(port).import("1-1")).toBe(0);
  });

  it("hangs up on what is not USB/IP", async () => {
    const client = connected((await serving([unit()])).port);
    client.send(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
    await client.untilEnd();
    expect(client.ended).toBe(true);
  });
});
