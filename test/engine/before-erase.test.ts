// What is settled before the first erase.
import { flashUnit } from "@flashline/dfu-core";
import { DfuRequest, DfuState, wrapTransport } from "@flashline/dfu-core/protocol";
import { partByName } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";

const image = imageAt(pattern(300));
const f4 = { image, family: "F4" } as const;

describe("before the first erase", () => {
  it("a wrong chip is refused with the evidence", async () => {
    const { flash, unit } = bench({ part: partByName("f072") });
    const report = await flash({ image, chip: "STM32F407" });
    expect(report).toMatchObject({ outcome: "FAIL", code: "device.wrong_chip", touched: false });
    expect(report.detail).toContain("F072");
    expect(unit.counters.downloads).toBe(0);
  });

  it("an image that does not fit is refused", async () => {
    const { flash, unit } = bench({ part: partByName("f072") });
    const report = await flash({ image: imageAt(new Uint8Array(130 * 1024)) });
    expect(report).toMatchObject({ outcome: "FAIL", code: "image.does_not_fit", blame: "image" });
    expect(unit.counters.erases).toBe(0);
  });

  it("an abort cancels, and after it nothing does", async () => {
    const early = bench({ before: pattern(384, 9) });
    const controller = new AbortController();
    const cancelled = await flashUnit({
      ...f4,
      ...early,
      signal: controller.signal,
      onEvent: (event) => {
        if (event.event === "started") controller.abort();
      },
    });
    expect(cancelled).toMatchObject({ outcome: "FAIL", code: "attempt.cancelled", touched: false });
    expect(early.unit.counters.erases).toBe(0);

    const late = bench({ before: pattern(384, 9) });
    const second = new AbortController();
    const finished = await flashUnit({
      ...f4,
      ...late,
      signal: second.signal,
      onEvent: (event) => {
        if (event.event === "progress" && event.phase === "write") second.abort();
      },
    });
    expect(finished).toMatchObject({ outcome: "PASS" });
  });

  it("a partly covered sector that is not blank is refused when the recipe says so", async () => {
    const used = bench({ before: pattern(384, 9) });
    expect(await used.flash({ ...f4, remainder: "refuse" })).toMatchObject({
      outcome: "FAIL",
      code: "plan.remainder",
      touched: false,
    });
    const blank = bench();
    expect(await blank.flash({ ...f4, remainder: "refuse" })).toMatchObject({ outcome: "PASS" });
  });

  it.each(["f407", "g0b1", "h743"])(
    "what lies in the last granule of the image is refused for on %s: it would be filled up",
    async (name) => {
      const length = 3001;
      const before = new Uint8Array(length + 8).fill(0xff);
      before[length] = 0x5a;
      const { flash, unit } = bench({ part: partByName(name), before });
      const report = await flash({ image: imageAt(pattern(length)), remainder: "refuse" });
      expect(report).toMatchObject({ outcome: "FAIL", code: "plan.remainder", touched: false });
      expect(unit.flash.read(unit.flash.base, before.length).data).toEqual(before);
    },
  );

  it("a unit left in any state by another host is brought to dfuIDLE", async () => {
    const pointer = Uint8Array.of(0x21, 0, 0, 0, 8);
    const cases = [
      [[DfuRequest.Dnload, 0, pointer]],
      [
        [DfuRequest.Dnload, 0, pointer],
        [DfuRequest.GetStatus, 0, 6],
      ],
      [
        [DfuRequest.Dnload, 0, Uint8Array.of(0x55)],
        [DfuRequest.GetStatus, 0, 6],
        [DfuRequest.GetStatus, 0, 6],
      ],
      [[DfuRequest.Upload, 2, 16]],
    ] as const;
    for (const requests of cases) {
      const { flash, unit } = bench({ before: pattern(384, 9) });
      const ask = (request: number, value: number, payload: Uint8Array | number) =>
        typeof payload === "number"
          ? unit.handleControl({ requestType: 0xa1, request, value, index: 0, length: payload })
          : unit.handleControl(
              { requestType: 0x21, request, value, index: 0, length: payload.length },
              payload,
            );
      for (const [request, value, payload] of requests) ask(request, value, payload);
      const state = ask(DfuRequest.GetState, 0, 1);
      expect(state.kind === "data" ? state.data[0] : undefined).not.toBe(DfuState.Idle);
      expect(await flash(f4)).toMatchObject({ outcome: "PASS", linkIncident: false });
    }
  });

  it("a dry run plans, sends nothing and does not say PASS", async () => {
    const { flash, unit } = bench();
    const report = await flash({ ...f4, dryRun: true });
    expect(report).toMatchObject({ outcome: "FAIL", code: "attempt.cancelled", transfers: 0 });
    expect(unit.counters.controlTransfers).toBe(0);
  });

  it("a device without a functional descriptor is none of DFU", async () => {
    const { transport, clock } = bench();
    const { descriptors } = transport;
    const bare = wrapTransport(transport, {
      descriptors: { ...descriptors, functional: undefined },
    });
    expect(await flashUnit({ ...f4, clock, transport: bare })).toMatchObject({
      outcome: "FAIL",
      code: "device.not_dfu",
      transfers: 0,
    });
  });
});
