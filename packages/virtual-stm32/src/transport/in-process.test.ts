import { DfuRequest, DfuState, LinkError, LinkFault } from "@flashline/dfu-core/protocol";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../clock/virtual-clock.ts";
import { nth } from "../faults/fault.ts";
import { partByName } from "../parts/index.ts";
import { createVirtualUnit } from "../unit/virtual-unit.ts";
import { attachInProcess } from "./in-process.ts";

function bench(name = "f072"): {
  clock: VirtualClock;
  unit: ReturnType<typeof createVirtualUnit>;
  transport: ReturnType<typeof attachInProcess>;
} {
  const clock = new VirtualClock();
  const unit = createVirtualUnit({ part: partByName(name), clock });
  return { clock, unit, transport: attachInProcess(unit, clock) };
}
const faultOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "none",
    (error: unknown) => (error instanceof LinkError ? error.fault : String(error)),
  );

describe("in-process transport", () => {
  it("shows the part's descriptors and carries requests", async () => {
    const { transport } = bench("h743");
    expect(transport.descriptors).toMatchObject({
      product: "DFU in FS Mode",
      functional: { transferSize: 1024, dfuVersion: 0x011a },
    });
    expect(transport.descriptors.alternates[0]?.name).toBe(
      "@Internal Flash   /0x08000000/16*128Kg",
    );
    expect([...(await transport.controlIn(DfuRequest.GetState, 0, 1, 1000))]).toEqual([
      DfuState.Idle,
    ]);
    await expect(faultOf(transport.selectAlternate(9))).resolves.toBe(LinkFault.Stall);
  });

  it("shows strings as cut as the wires do", () => {
    const { unit, transport } = bench("f429zi");
    const setup = { requestType: 0x80, request: 6, value: 0x0304, index: 0x0409, length: 255 };
    const reply = unit.handleControl(setup);
    expect(reply).toMatchObject({ data: { length: 112, 0: 166 } });
    expect(transport.descriptors.alternates.map(({ name }) => name)).toEqual([
      "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
      ...unit.part.alternates.slice(1),
    ]);
    unit.addFault({ kind: "truncated-strings", bytes: 30 });
    expect(attachInProcess(unit).descriptors.product).toBe("STM32  BOOTLOA");
  });

  it("lets a lost transfer take exactly its time-out on the clock", async () => {
    const { clock, unit, transport } = bench();
    unit.addFault({ kind: "lost-setup", trigger: nth(1) });
    const before = clock.now();
    await expect(faultOf(transport.controlIn(DfuRequest.GetStatus, 0, 6, 35_000))).resolves.toBe(
      LinkFault.Timeout,
    );
    expect(clock.now() - before).toBe(35_000.5);
  });

  it("holds the bus on F7 for as long as the erase takes, or times out", async () => {
    for (const [timeoutMs, expected] of [
      [35_000, "none"],
      [100, LinkFault.Timeout],
    ] as const) {
      const { clock, transport } = bench("f745");
      await transport.controlOut(DfuRequest.Dnload, 0, Uint8Array.of(0x41, 0, 0, 0, 8), 1000);
      await transport.controlIn(DfuRequest.GetStatus, 0, 6, 1000);
      const before = clock.now();
      await expect(
        faultOf(transport.controlIn(DfuRequest.GetStatus, 0, 6, timeoutMs)),
      ).resolves.toBe(expected);
      expect(clock.now() - before).toBeCloseTo(expected === "none" ? 250 : 100.5, 0);
    }
  });

  it("is gone after an unplug, stays gone for the old handle, and comes back by reenumerate", async () => {
    const { clock, unit, transport } = bench();
    unit.unplug(1200);
    await expect(faultOf(transport.controlIn(DfuRequest.GetState, 0, 1, 1000))).resolves.toBe(
      LinkFault.Gone,
    );
    await expect(faultOf(transport.reenumerate(500))).resolves.toBe(LinkFault.Gone);
    await transport.reenumerate(2000);
    expect(clock.now()).toBeGreaterThanOrEqual(1200);
    unit.unplug(0);
    await expect(faultOf(transport.controlIn(DfuRequest.GetState, 0, 1, 1000))).resolves.toBe(
      LinkFault.Gone,
    );
    await transport.reenumerate(10);
    expect(await transport.controlIn(DfuRequest.GetState, 0, 1, 1000)).toHaveLength(1);
  });

  it("resets the bus: a wedge that a reset clears is over", async () => {
    const { clock, unit, transport } = bench();
    unit.addFault({ kind: "busy-wedge", clearedBy: "reset", trigger: nth(1) });
    await transport.controlOut(DfuRequest.Dnload, 0, Uint8Array.of(0x41, 0, 0, 0, 8), 1000);
    await transport.controlIn(DfuRequest.GetStatus, 0, 6, 1000);
    await clock.sleep(60_000);
    expect([...(await transport.controlIn(DfuRequest.GetState, 0, 1, 1000))]).toEqual([
      DfuState.DnBusy,
    ]);
    expect(await transport.reset()).toBe(true);
    expect([...(await transport.controlIn(DfuRequest.GetState, 0, 1, 1000))]).toEqual([
      DfuState.Idle,
    ]);
    expect(unit.counters.busResets).toBe(1);
  });

  it("stops waiting when the signal is aborted", async () => {
    const { unit, transport } = bench();
    unit.unplug();
    const stop = new AbortController();
    const waiting = transport.reenumerate(600_000, stop.signal);
    stop.abort("enough");
    await expect(waiting).rejects.toBe("enough");
  });
});

describe("virtual clock", () => {
  it("jumps to the next sleeper, in order, for several at once", async () => {
    const clock = new VirtualClock();
    const woken: string[] = [];
    const walk = async (name: string, ms: number): Promise<void> => {
      for (let step = 0; step < 3; step += 1) {
        await clock.sleep(ms);
        woken.push(`${name}${clock.now()}`);
      }
    };
    await Promise.all([walk("a", 100), walk("b", 150)]);
    expect(woken).toEqual(["a100", "b150", "a200", "b300", "a300", "b450"]);
  });
});
