import { flashPlainUnit } from "@flashline/dfu-core";
import { encodeDfuse, parseImage } from "@flashline/dfu-core/image";
import {
  DfuRequest,
  DfuState,
  DfuStatus,
  LinkError,
  LinkFault,
  wrapTransport,
} from "@flashline/dfu-core/protocol";
import {
  PlainDevice,
  type PlainDeviceOptions,
  type PlainFault,
  partByName,
  VirtualClock,
} from "@flashline/virtual-stm32";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";
import { answering, refusing, status } from "./bent.ts";

const DATA = pattern(300);
const image = imageAt(DATA);
const RUNS = Math.min(5000, Math.ceil(Number(process.env["FLASHLINE_RUNS"] ?? 3000) / 10));
/** Another start for every long run, unless one is to be repeated. */
const SEED = process.env["FLASHLINE_SEED"] ? { seed: Number(process.env["FLASHLINE_SEED"]) } : {};

function device(options: Partial<PlainDeviceOptions> = {}) {
  const clock = new VirtualClock();
  const transport = new PlainDevice({ clock, ...options });
  const flash = () => flashPlainUnit({ transport, clock, image });
  return { clock, transport, flash };
}

/** The fault at the n-th such request, and no more. */
const once =
  (request: number, n: number, fault: PlainFault) =>
  (seen: number, count: number): PlainFault | undefined =>
    seen === request && count === n ? fault : undefined;

describe("a plain DFU 1.1 device", () => {
  it.each([
    { tolerant: true },
    { tolerant: false },
    { transferSize: 300 },
    { transferSize: 1024, size: 300 },
  ])("passes with %j and holds the image", async (options) => {
    const { flash, transport } = device(options);
    const report = await flash();
    expect(report).toMatchObject({
      outcome: "PASS",
      bytes: 300,
      linkIncident: false,
      touched: true,
    });
    expect(transport.memory.slice(0, 300)).toEqual(DATA);
    expect(transport.illegal).toEqual([]);
  });

  it("is not written when it holds the image", async () => {
    const { flash, transport } = device();
    await flash();
    expect(await flash()).toMatchObject({ outcome: "PASS", touched: false, bytes: 300 });
    expect(transport.illegal).toEqual([]);
  });

  it("is written whatever it reads as, after an attempt that was cut off", async () => {
    const { transport, clock, flash } = device();
    await flash();
    const phases = new Set<string>();
    const report = await flashPlainUnit({
      transport,
      clock,
      image,
      knownDirty: true,
      onEvent: (event) => event.event === "progress" && phases.add(event.phase),
    });
    expect(report).toMatchObject({ outcome: "PASS", touched: true, bytes: 300 });
    expect(phases).toEqual(new Set(["write", "verify"]));
  });

  it("never passes when it cannot be read back, whatever it acknowledged", async () => {
    const { flash, transport } = device({ canUpload: false });
    expect(await flash()).toMatchObject({
      outcome: "FAIL",
      code: "flash.unverified",
      blame: "system",
      linkIncident: false,
    });
    expect(transport.memory.slice(0, 300)).toEqual(DATA);
  });

  it("never passes when it starts its application and is gone", async () => {
    const { flash } = device({ tolerant: false, comesBack: false });
    expect(await flash()).toMatchObject({ outcome: "FAIL", code: "flash.unverified" });
  });

  it.each([
    ["stall", DfuRequest.Dnload, 3],
    ["lost", DfuRequest.Dnload, 2],
    ["lost-status", DfuRequest.Dnload, 4],
    ["lost", DfuRequest.GetStatus, 5],
    ["stall", DfuRequest.Upload, 4],
    ["lost-status", DfuRequest.Upload, 5],
    ["drop", DfuRequest.Dnload, 2],
    ["flip", DfuRequest.Dnload, 5],
    ["refuse", DfuRequest.Dnload, 3],
    ["gone", DfuRequest.Dnload, 4],
    ["gone", DfuRequest.Upload, 3],
  ] as const)("passes after %s of request %i, the %i-th", async (fault, request, n) => {
    const { flash, transport } = device({ fault: once(request, n, fault) });
    const report = await flash();
    expect(report.outcome).toBe("PASS");
    expect(report.incidents.length).toBeGreaterThan(0);
    expect(transport.memory.slice(0, 300)).toEqual(DATA);
  });

  it.each([
    ["drop", DfuRequest.Dnload, "flash.verify_mismatch", "unit"],
    ["flip", DfuRequest.Dnload, "flash.verify_mismatch", "unit"],
    ["refuse", DfuRequest.Dnload, "flash.write_failed", "unit"],
    ["stall", DfuRequest.Dnload, "link.stall", "host"],
    ["lost", DfuRequest.GetStatus, "link.timeout", "host"],
  ] as const)(
    "ends with a code when %s of request %i goes on: %s",
    async (fault, of, code, blame) => {
      const { flash } = device({ fault: (request) => (request === of ? fault : undefined) });
      expect(await flash()).toMatchObject({ outcome: "FAIL", code, blame });
    },
  );

  it.each([
    ["its first block", 0, "flash.write_failed", "unit", false],
    ["a later block, as one that is out of step", 2, "link.stall", "host", true],
  ])("that stalls %s by itself", async (_, block, code, blame, touched) => {
    const { transport, clock } = device({ transferSize: 64 });
    const stalls = wrapTransport(transport, {
      // A number that it does not expect: it stalls and says errSTALLEDPKT.
      controlOut: (request, value, data, timeoutMs) =>
        transport.controlOut(
          request,
          request === DfuRequest.Dnload && value === block ? 99 : value,
          data,
          timeoutMs,
        ),
    });
    const report = await flashPlainUnit({ transport: stalls, clock, image });
    expect(report).toMatchObject({ outcome: "FAIL", code, blame, touched });
  });

  it.each([
    ["errTARGET", DfuStatus.ErrTarget, false],
    ["errFILE", DfuStatus.ErrFile, false],
    ["errWRITE", DfuStatus.ErrWrite, true],
    ["errADDRESS", DfuStatus.ErrAddress, true],
    ["errERASE", DfuStatus.ErrErase, true],
    ["errPROG", DfuStatus.ErrProg, true],
    ["errUNKNOWN", DfuStatus.ErrUnknown, true],
  ])("that says %s of its first block may have erased: touched %s", async (_, status, touched) => {
    const { transport, clock } = device();
    const isFirst = (request: number, value: number) =>
      request === DfuRequest.Dnload && value === 0;
    const refuses = refusing(transport, status, Number.POSITIVE_INFINITY, isFirst);
    const report = await flashPlainUnit({ transport: refuses, clock, image });
    expect(report).toMatchObject({ outcome: "FAIL", touched });
  });

  it("takes one piece, and no image larger than itself", async () => {
    const { clock, transport } = device();
    const pieces = parseImage(
      encodeDfuse([0, 100].map((address) => ({ address, data: Uint8Array.of(1) }))),
    );
    expect(await flashPlainUnit({ clock, transport, image: pieces })).toMatchObject({
      code: "image.gap",
      touched: false,
    });
    const { flash } = device({ size: 200 });
    expect(await flash()).toMatchObject({ code: "flash.address_refused" });
  });

  it("is not an STM32 ROM", async () => {
    const { transport, clock, unit } = bench({ part: partByName("f407") });
    const report = await flashPlainUnit({ transport, clock, image });
    expect(report).toMatchObject({ code: "usage.argument", touched: false });
    expect(unit.counters.downloads).toBe(0);
  });

  it("that is in dfuIDLE after a block has forgotten it: out of step", async () => {
    const { transport, clock } = device();
    const forgetful = answering(transport, (request) =>
      request === DfuRequest.GetStatus ? status(0, DfuState.Idle) : undefined,
    );
    expect(await flashPlainUnit({ transport: forgetful, clock, image })).toMatchObject({
      outcome: "FAIL",
      code: "link.desync",
      blame: "host",
    });
  });

  it.each([
    ["stalls its first UPLOAD and cannot be asked why", LinkFault.Stall, LinkFault.Timeout, true],
    ["is silent at its first UPLOAD and says errADDRESS", LinkFault.Timeout, undefined, false],
  ])("%s: it is written all the same", async (_, first, then, linkIncident) => {
    const { transport, clock } = device();
    let [reads, asked] = [0, 0];
    const odd = wrapTransport(transport, {
      controlOut: (request, value, data, timeoutMs) => {
        if (request === DfuRequest.ClrStatus) asked = 9;
        return transport.controlOut(
          request === DfuRequest.ClrStatus ? DfuRequest.Abort : request,
          ...[value, data, timeoutMs],
        );
      },
      controlIn: (request, value, length, timeoutMs) => {
        if (request === DfuRequest.Upload) {
          reads += 1;
          if (reads === 1) return Promise.reject(new LinkError(first, "first"));
        }
        const asks = request === DfuRequest.GetState || request === DfuRequest.GetStatus;
        if (reads === 1 && asks && asked < 9) {
          asked += 1;
          if (then !== undefined) {
            if (asked < 9) return Promise.reject(new LinkError(then, "then"));
          } else {
            const error = status(DfuStatus.ErrAddress, DfuState.Error);
            return Promise.resolve(request === DfuRequest.GetState ? error.slice(4, 5) : error);
          }
        }
        return transport.controlIn(request, value, length, timeoutMs);
      },
    });
    const report = await flashPlainUnit({ transport: odd, clock, image });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident });
    expect(transport.memory.slice(0, 300)).toEqual(DATA);
  });
});

it(
  `passes only over right content, in ${RUNS} runs`,
  async () => {
    const outcomes = { PASS: 0, FAIL: 0 };
    const fault = fc.constantFrom<PlainFault>(
      "stall",
      "lost",
      "lost-status",
      "drop",
      "flip",
      "gone",
      "refuse",
    );
    const strike = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 30 }), fault);
    await fc.assert(
      fc.asyncProperty(
        fc.array(strike, { maxLength: 6 }),
        fc.boolean(),
        fc.constantFrom(16, 64, 256),
        async (strikes, tolerant, transferSize) => {
          const { flash, transport, clock } = device({
            tolerant,
            transferSize,
            fault: (request, count) =>
              strikes.find(([of, n]) => of === request && n === count)?.[2],
          });
          const report = await flash();
          outcomes[report.outcome] += 1;
          expect(report.code).not.toBe("internal.bug");
          expect(clock.now()).toBeLessThan(20 * 60_000);
          if (report.outcome === "PASS") expect(transport.memory.slice(0, 300)).toEqual(DATA);
        },
      ),
      { numRuns: RUNS, ...(RUNS > 300 ? SEED : { seed: 20261122 }) },
    );
    expect(outcomes.PASS).toBeGreaterThan(RUNS / 3);
  },
  RUNS * 50 + 30_000,
);

it("a plain device that stalls its first UPLOAD has nothing to read yet, and that is no incident", async () => {
  const clock = new VirtualClock();
  let reads = 0;
  const device = new PlainDevice({
    clock,
    fault: (request) => {
      if (request !== DfuRequest.Upload) return undefined;
      reads += 1;
      return reads === 1 ? "stall" : undefined;
    },
  });
  const report = await flashPlainUnit({ transport: device, clock, image });
  expect(report).toMatchObject({ outcome: "PASS", linkIncident: false, bytes: 300 });
  expect(device.memory.slice(0, 300)).toEqual(DATA);
});

it("a plain device without a name is called what it is, and an empty image is refused", async () => {
  const clock = new VirtualClock();
  const device = new PlainDevice({ clock });
  const nameless = Object.assign(device, {
    descriptors: { ...device.descriptors, product: "" },
  });
  const empty = { ...parseImage(DATA, { format: "raw" }), segments: [], bytes: 0 };
  expect(await flashPlainUnit({ transport: nameless, clock, image: empty })).toMatchObject({
    code: "image.empty",
    touched: false,
  });
  expect(device.memory.every((byte) => byte === 0xff)).toBe(true);
  const report = await flashPlainUnit({ transport: nameless, clock, image });
  expect(report).toMatchObject({ outcome: "PASS", identity: { chip: "plain DFU device" } });
});
