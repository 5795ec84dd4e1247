import { afterEach, describe, expect, it } from "vitest";
import { realClock } from "../clock/real-clock.ts";
import { nth } from "../faults/fault.ts";
import { partByName } from "../parts/index.ts";
import { createRandom } from "../random.ts";
import { type Received, UsbRedirHost } from "../testing/usbredir-host.ts";
import { createVirtualUnit, type VirtualUnit } from "../unit/virtual-unit.ts";
import { serveUsbRedir } from "./server.ts";

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function bench(wide = true): Promise<{ unit: VirtualUnit; host: UsbRedirHost }> {
  const unit = createVirtualUnit({ part: partByName("g0b1"), clock: realClock(), timing: "none" });
  const server = await serveUsbRedir({ unit, port: 0 });
  closers.push(() => server.close());
  const host = new UsbRedirHost(server.port, wide);
  closers.push(() => host.close());
  const types = [];
  for (let count = 0; count < 4; count += 1) types.push((await host.receive()).type);
  expect(types).toEqual([0, 4, 5, 1]);
  return { unit, host };
}
/** Until the server takes somebody again: it notices a closed socket a moment later. */
async function joined(port: number, wide: boolean): Promise<UsbRedirHost> {
  for (;;) {
    const host = new UsbRedirHost(port, wide);
    const first = await Promise.race([host.receive(), host.ended]);
    if (first !== undefined) return host;
    host.close();
  }
}
/** Status of the control packet and the data behind it. */
const split = ({ payload }: Received): { status: number; data: number[] } => ({
  status: payload.readUInt8(3),
  data: [...payload.subarray(10)],
});

describe("usbredir device end", () => {
  it.each([true, false])(
    "carries control transfers, stalls and alternates (64-bit ids: %s)",
    async (wide) => {
      const { unit, host } = await bench(wide);
      host.send(6, 1, Buffer.of(1));
      expect(await host.receive()).toMatchObject({ type: 8, id: 1 });
      host.send(9, 2, Buffer.of(0, 2));
      expect([...(await host.receive()).payload]).toEqual([0, 0, 2]);
      expect(unit.alternate).toBe(2);
      host.control(3, 0xa1, 5, 0, 1);
      expect(split(await host.receive())).toEqual({ status: 0, data: [2] });
      host.control(4, 0xa1, 2, 1, 4);
      expect(split(await host.receive())).toEqual({ status: 4, data: [] });
    },
  );

  it("answers for configuration and alternate as the unit does, not as it was asked", async () => {
    const { host } = await bench();
    host.send(9, 1, Buffer.of(0, 9));
    expect([...(await host.receive()).payload]).toEqual([4, 0, 0]);
    host.send(9, 2, Buffer.of(1, 1));
    expect([...(await host.receive()).payload]).toEqual([4, 1, 0]);
    host.send(6, 3, Buffer.of(2));
    expect([...(await host.receive()).payload]).toEqual([4, 1]);
    host.send(6, 4, Buffer.of(0));
    expect([...(await host.receive()).payload]).toEqual([0, 0]);
    host.send(7, 5);
    expect([...(await host.receive()).payload]).toEqual([0, 0]);
  });

  it("lets the bus reset reach the unit", async () => {
    const { unit, host } = await bench();
    host.control(1, 0x21, 4, 0, 0);
    await host.receive();
    host.send(3, 0);
    host.control(2, 0xa1, 5, 0, 1);
    expect(split(await host.receive()).data).toEqual([2]);
    expect(unit.counters.busResets).toBe(1);
  });

  it("answers a lost transfer only when it is cancelled", async () => {
    const { unit, host } = await bench();
    unit.addFault({ kind: "lost-setup", trigger: nth(1) });
    host.control(1, 0xa1, 5, 0, 1);
    host.control(2, 0xa1, 5, 0, 1);
    expect(await host.receive()).toMatchObject({ id: 2 });
    host.send(21, 1);
    const cancelled = await host.receive();
    expect([cancelled.id, split(cancelled).status]).toEqual([1, 1]);
  });

  it.each([true, false])("survives any packets, whole or not (64-bit ids: %s)", async (wide) => {
    const unit = createVirtualUnit({
      part: partByName("g0b1"),
      clock: realClock(),
      timing: "none",
    });
    const server = await serveUsbRedir({ unit, port: 0 });
    closers.push(() => server.close());
    const random = createRandom(wide ? 3 : 4);
    const junk = (length: number): Uint8Array =>
      Uint8Array.from({ length }, () => (random.chance(0.6) ? 0 : random.integer(256)));
    for (let round = 0; round < 40; round += 1) {
      const host = await joined(server.port, wide);
      for (let sent = 0; sent < 10; sent += 1) {
        const type = [0, 3, 6, 7, 9, 10, 21, 100, 102, 0xffff_ffff][random.integer(10)] ?? 0;
        host.send(type, sent, junk(random.integer(40)));
      }
      if (round % 2 === 0) host.send(0xffff_ffff, 0xffff_ffff, junk(0x2_0000));
      await host.finish();
    }
    expect(unit.counters.busResets).toBeGreaterThan(10);
    expect(unit.counters.controlTransfers).toBeGreaterThan(40);
    await joined(server.port, wide).then((host) => host.close());
  });

  it("announces departure and return", async () => {
    const { unit, host } = await bench();
    unit.unplug();
    expect((await host.receive()).type).toBe(2);
    host.control(9, 0xa1, 5, 0, 1);
    expect(split(await host.receive()).status).toBe(3);
    unit.plug();
    const types = [];
    for (let count = 0; count < 3; count += 1) types.push((await host.receive()).type);
    expect(types).toEqual([4, 5, 1]);
  });
});
