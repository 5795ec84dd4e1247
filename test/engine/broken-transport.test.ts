// A transport that throws what its contract does not know is a bug, wherever it happens, and never a PASS.
import {
  eraseUnit,
  type FlashReport,
  flashPlainUnit,
  flashUnit,
  leaveUnit,
  readUnit,
  unitInfo,
  verifyUnit,
} from "@flashline/dfu-core";
import { type Clock, type DfuTransport, wrapTransport } from "@flashline/dfu-core/protocol";
import { PlainDevice, parseFault, VirtualClock } from "@flashline/virtual-stm32";
import fc from "fast-check";
import { expect, it } from "vitest";
import { bench, imageAt, memoryStore, pattern } from "./bench.ts";

const image = imageAt(pattern(300));
const f4 = { family: "F4" } as const;
const RUNS = Math.min(5000, Math.ceil(Number(process.env["FLASHLINE_RUNS"] ?? 3000) / 5));
const METHODS = ["controlOut", "controlIn", "selectAlternate", "reset", "reenumerate"] as const;

/** The transport, but its n-th call throws something else than a LinkError. */
function breaking(transport: DfuTransport, n: number) {
  let calls = 0;
  const breakable = METHODS.map((method) => {
    const original = transport[method].bind(transport) as (...words: unknown[]) => Promise<never>;
    const call = (...words: unknown[]) => {
      calls += 1;
      return calls === n ? Promise.reject(new TypeError("no such thing")) : original(...words);
    };
    return [method, call];
  });
  const broken: DfuTransport = wrapTransport(transport, Object.fromEntries(breakable));
  return { broken, fired: () => calls >= n };
}

type Tool = (io: { transport: DfuTransport; clock: Clock }) => Promise<FlashReport>;
const { store } = memoryStore();
const TOOLS: Readonly<Record<string, Tool>> = {
  flash: (io) => flashUnit({ ...io, ...f4, image, leave: true }),
  preserve: (io) =>
    flashUnit({ ...io, ...f4, image, remainder: "preserve", snapshotName: "u", snapshots: store }),
  verify: (io) => verifyUnit({ ...io, ...f4, image }),
  read: (io) => readUnit({ ...io, ...f4, address: 0x08000000, length: 384 }),
  erase: (io) => eraseUnit({ ...io, ...f4, address: 0x08000000, length: 384 }),
  leave: (io) => leaveUnit({ ...io, ...f4 }),
  info: (io) => unitInfo({ ...io, ...f4 }),
};
const FAULTS = [
  "stall=0.05",
  "lost-setup=0.03",
  "lost-status=0.03",
  "lost-data=0.03",
  "busy-wedge=reset@2",
  "busy-wedge=never@3",
  "false-vendor=always",
  "false-target=3",
  "reboot=150",
  "unplug=200",
  "silent-drop=5",
  "slow-busy=50",
];

it(`is called a bug by every tool, in ${RUNS} runs`, async () => {
  let fires = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(TOOLS)),
      fc.array(fc.constantFrom(...FAULTS), { maxLength: 2 }),
      fc.integer({ min: 1, max: 160 }),
      fc.integer({ min: 1, max: 1000 }),
      async (name, faults, n, seed) => {
        const armed = faults.map((text) => parseFault(text).fault);
        const { transport, clock } = bench({ before: pattern(384, 9), faults: armed, seed });
        const { broken, fired } = breaking(transport, n);
        const report = await (TOOLS[name] ?? TOOLS["flash"])?.({ transport: broken, clock });
        if (!fired()) return;
        fires += 1;
        expect(report).toMatchObject({ outcome: "FAIL", code: "internal.bug" });
      },
    ),
    { numRuns: RUNS, seed: 20261122 },
  );
  expect(fires).toBeGreaterThan(RUNS / 5);
}, 120_000);

it.each([true, false])("is called a bug with plain DFU too (tolerant: %s)", async (tolerant) => {
  for (let n = 1; n < 60; n += 1) {
    const clock = new VirtualClock();
    const fault = (request: number, count: number) =>
      request === 1 && count === 4 ? ("stall" as const) : undefined;
    const { broken, fired } = breaking(new PlainDevice({ clock, tolerant, fault }), n);
    const report = await flashPlainUnit({ transport: broken, clock, image });
    if (fired()) expect(report).toMatchObject({ outcome: "FAIL", code: "internal.bug" });
    else expect(report.outcome).toBe("PASS");
  }
});
