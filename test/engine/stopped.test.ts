// A stop is honoured at any step; a cancel only before the first erase.
import { flashPlainUnit, flashUnit, type LeftWith } from "@flashline/dfu-core";
import { DfuRequest, wrapTransport } from "@flashline/dfu-core/protocol";
import { PlainDevice, VirtualClock } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";

const f4 = { image: imageAt(pattern(300)), family: "F4" } as const;

/** A flash with a stop in the middle of one transfer. */
async function stoppedAt(transfer: number) {
  const { unit, ...io } = bench({ before: pattern(384, 9) });
  const controller = new AbortController();
  let transfers = 0;
  const next = () => {
    transfers += 1;
    if (transfers === transfer) controller.abort(new Error("stopped"));
  };
  const transport = wrapTransport(io.transport, {
    async controlOut(request, value, data, timeoutMs) {
      next();
      await io.transport.controlOut(request, value, data, timeoutMs);
    },
    controlIn(request, value, length, timeoutMs) {
      next();
      return io.transport.controlIn(request, value, length, timeoutMs);
    },
  });
  const report = await flashUnit({ ...f4, ...io, transport, stop: controller.signal });
  return { report, transfers, unit, passes: () => io.flash({ ...f4, knownDirty: true }) };
}

describe("a stop", () => {
  it("ends a flash at any transfer, sends nothing more, and says what the unit is left with", async () => {
    const { report: whole, transfers: all } = await stoppedAt(Number.POSITIVE_INFINITY);
    expect(whole.outcome).toBe("PASS");
    const seen = new Set<LeftWith | undefined>();
    for (let at = 1; at < all; at += 7) {
      const { report, transfers, unit, passes } = await stoppedAt(at);
      expect(transfers).toBe(at);
      const { leftWith, code, outcome, touched } = report;
      seen.add(leftWith);
      expect(outcome).toBe("FAIL");
      expect(code).toBe(touched ? "attempt.interrupted" : "attempt.cancelled");
      expect(leftWith === "untouched").toBe(!touched);
      if (leftWith === "untouched") expect(unit.counters.erases).toBe(0);
      if (leftWith === "erased") expect(unit.counters.programs).toBe(0);
      if (at % 4 === 1) expect((await passes()).outcome).toBe("PASS");
    }
    expect([...seen]).toEqual(["untouched", "erased", "half_written", "unproven"]);
  });

  it("does not wait for a transfer that cannot be called back", async () => {
    const io = bench({ before: pattern(384, 9) });
    const controller = new AbortController();
    const transport = wrapTransport(io.transport, {
      controlOut: () => {
        controller.abort(new Error("stopped"));
        return new Promise(() => undefined);
      },
    });
    const report = await flashUnit({ ...f4, ...io, transport, stop: controller.signal });
    expect(report).toMatchObject({ code: "attempt.cancelled", leftWith: "untouched" });
  });

  it("ends a download to a plain device, and the next one starts anew", async () => {
    const clock = new VirtualClock();
    const device = new PlainDevice({ clock });
    const controller = new AbortController();
    let blocks = 0;
    const transport = wrapTransport(device, {
      async controlOut(request, value, data, timeoutMs) {
        if (request === DfuRequest.Dnload) blocks += 1;
        if (blocks === 2) controller.abort(new Error("stopped"));
        await device.controlOut(request, value, data, timeoutMs);
      },
    });
    const { image } = f4;
    const stopped = await flashPlainUnit({ transport, clock, image, stop: controller.signal });
    expect(stopped).toMatchObject({ code: "attempt.interrupted", leftWith: "unproven" });
    expect(blocks).toBe(2);
    const next = await flashPlainUnit({ transport: device, clock, image, knownDirty: true });
    expect(next.outcome).toBe("PASS");
  });
});
