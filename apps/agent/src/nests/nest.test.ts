import { describe, expect, it } from "vitest";
import { type Nest, newNest, type PortUnit, serialOf } from "./nest.ts";
import { ARM_AFTER_MS, type NestEvent, PASS_SHOWN_MS, reduceNest } from "./reduce.ts";
import { isWaiting, takesScan } from "./takes-scan.ts";

const A: PortUnit = { deviceNumber: 4, usbSerial: "3650335A3037" };
const A_AGAIN: PortUnit = { ...A, deviceNumber: 5 };
const B: PortUnit = { deviceNumber: 6, usbSerial: "3651335A3037" };
const SHARED: PortUnit = { deviceNumber: 7, usbSerial: "FFFFFFFEFFFF" };
const refusal = { code: "link.lost", action: null, detail: "" };

const AT = "2026-11-29T08:00:00.000Z";
const port = (unit: PortUnit | null): NestEvent =>
  unit === null ? { event: "port", unit, at: AT } : { event: "port", unit };
const wait = (ms: number) => ({ wait: ms });
const scanned = (serial: string): NestEvent[] => [
  { event: "scanned", serial },
  { event: "allowed", serial },
];
const busy = (serial = "SN-1"): NestEvent[] => [
  ...scanned(serial),
  { event: "ordered", jobId: "j" },
  { event: "leased", jobId: "j" },
];
const finished = (passed: boolean, vanished = false, usbSerial = A.usbSerial): NestEvent => ({
  event: "finished",
  jobId: "j",
  verdict: passed ? { kind: "pass" } : { kind: "fail", refusal },
  vanished,
  usbSerial,
  durationMs: 1000,
});
const NOT_ARMED = { kind: "refuses", code: "nest.not_armed" };
const tick: NestEvent = { event: "tick" };
const long = wait(ARM_AFTER_MS);
const short = wait(ARM_AFTER_MS - 1);

type Step = NestEvent | { readonly wait: number };
function run(...steps: readonly (Step | readonly Step[])[]): Nest {
  let now = 1_000_000;
  let nest = newNest("1", "1-1");
  for (const step of steps.flat() as Step[]) {
    if ("wait" in step) now += step.wait;
    else nest = reduceNest(nest, step, now);
  }
  return nest;
}

describe("nest", () => {
  const passed = [port(A), busy(), finished(true)].flat();
  const started = [port(A), busy(), finished(true, true), port(null)].flat();
  const failed = [port(A), busy(), finished(false)].flat();
  const lost = [port(A), busy(), port(null), finished(false)].flat();

  const table: readonly [string, readonly Step[], Nest["state"], object?][] = [
    ["an empty port", [port(null)], "empty"],
    ["a unit is plugged in", [port(A)], "present"],
    ["scanned", [port(A), { event: "scanned", serial: "SN-1" }], "checking"],
    ["allowed", [port(A), ...scanned("SN-1")], "ready", { serial: "SN-1" }],
    [
      "refused",
      [
        port(A),
        { event: "scanned", serial: "SN-1" },
        { event: "refused", serial: "SN-1", refusal },
      ],
      "refused",
      { refusal },
    ],
    [
      "refused, and allowed when the server is asked again",
      [
        port(A),
        { event: "scanned", serial: "SN-1" },
        { event: "refused", serial: "SN-1", refusal },
        { event: "allowed", serial: "SN-1" },
      ],
      "ready",
      { serial: "SN-1" },
    ],
    [
      "an answer to an earlier scan comes late",
      [port(A), { event: "scanned", serial: "SN-2" }, { event: "allowed", serial: "SN-1" }],
      "checking",
      { serial: "SN-2" },
    ],
    ["start pressed", [port(A), ...scanned("SN-1"), { event: "ordered", jobId: "j" }], "starting"],
    ["start pressed without a scan", [port(A), { event: "ordered", jobId: "j" }], "present"],
    ["leased", [port(A), ...busy()], "busy"],
    ["another job is leased", [port(A), ...scanned("S"), { event: "leased", jobId: "x" }], "ready"],
    [
      "the unit leaves after the scan",
      [port(A), ...scanned("S"), port(null)],
      "empty",
      { serial: null },
    ],
    [
      "the unit is swapped after the scan",
      [port(A), ...scanned("S"), port(B)],
      "present",
      { serial: null },
    ],
    [
      "the unit leaves while starting",
      [port(A), ...scanned("S"), { event: "ordered", jobId: "j" }, port(null)],
      "empty",
    ],
    ["the unit is off its port", [port(A), ...busy(), port(null)], "busy", { goneSince: AT }],
    [
      "the unit is there again",
      [port(A), ...busy(), port(null), port(A_AGAIN)],
      "busy",
      { goneSince: null },
    ],
    [
      "its program was started",
      [
        ...[port(A), ...busy()],
        {
          event: "progress",
          jobId: "j",
          progress: { phase: "leave", fraction: 1, remainingMs: null },
        },
        port(null),
      ],
      "busy",
      { goneSince: null },
    ],
    ["the unit drops off while busy", [port(A), ...busy(), port(null), port(A_AGAIN)], "busy"],
    [
      "a scan while busy",
      [port(A), ...busy(), { event: "scanned", serial: "S" }],
      "busy",
      { serial: "SN-1" },
    ],
    [
      "stopped before the erase",
      [port(A), ...busy(), { event: "stopped", jobId: "j", refusal }],
      "refused",
      { serial: "SN-1" },
    ],
    ["passed", passed, "pass", { durationMs: 1000 }],
    ["taken out after PASS", [...passed, port(null), long, tick], "empty", { last: null }],
    [
      "PASS stays while the port was empty for a moment",
      [...passed, port(null), short, tick],
      "pass",
    ],
    ["the unit started its application", [...started, wait(PASS_SHOWN_MS - 1), tick], "pass"],
    [
      "PASS was shown long enough",
      [...started, wait(PASS_SHOWN_MS), tick],
      "empty",
      { serial: null },
    ],
    [
      "the same unit is back after that, unarmed",
      [...started, wait(PASS_SHOWN_MS), tick, port(A_AGAIN)],
      "present",
      { last: { serial: "SN-1", usbSerial: A.usbSerial, vanished: true, endedAt: 1_000_000 } },
    ],
    [
      "the next unit is plugged in after that",
      [...started, wait(PASS_SHOWN_MS), tick, port(B)],
      "present",
      { last: null },
    ],
    ["the next unit after that", [...started, long, port(B)], "present", { last: null }],
    ["the same unit is back after that", [...started, long, port(A_AGAIN)], "pass"],
    ["a unit that comes back at once", [...started, short, port(B)], "pass"],
    [
      "a person says that it is another one",
      [...started, short, port(B), { event: "acknowledged" }],
      "present",
      { last: null },
    ],
    ["acknowledged before the next unit comes", [...started, { event: "acknowledged" }], "empty"],
    [
      "the same unit comes after that",
      [...started, { event: "acknowledged" }, long, port(A_AGAIN)],
      "present",
      { serial: null },
    ],
    ["failed", failed, "fail", { refusal }],
    ["FAIL stays", [...failed, wait(3_600_000), tick], "fail"],
    ["FAIL acknowledged", [...failed, { event: "acknowledged" }], "present"],
    ["taken out after FAIL", [...failed, port(null), long, tick], "fail", { unitOut: true }],
    ["the next unit on a FAIL", [...failed, port(null), long, port(B)], "fail", { unitOut: true }],
    [
      "taken out after FAIL, and acknowledged",
      [...failed, port(null), long, tick, { event: "acknowledged" }],
      "empty",
      { last: null },
    ],
    [
      "the next unit on a FAIL that is then acknowledged",
      [...failed, port(null), long, port(B), { event: "acknowledged" }],
      "present",
      { last: null },
    ],
    [
      "a FAIL whose unit was out for a moment, acknowledged",
      [...failed, port(null), short, port(B), { event: "acknowledged" }],
      "present",
      { last: { serial: "SN-1" } },
    ],
    [
      "the unit of a FAIL is put back and scanned again",
      [...failed, port(null), long, port(A_AGAIN), { event: "scanned", serial: "SN-1" }],
      "checking",
    ],
    ["a FAIL whose unit was lost stays", [...lost, wait(60_000), tick], "fail"],
    ["a lost unit comes back", [...lost, wait(60_000), port(A_AGAIN)], "fail"],
    ["another unit after a lost one", [...lost, long, port(B)], "fail", { unitOut: true }],
    [
      "another unit after a lost one, and the FAIL is acknowledged",
      [...lost, long, port(B), { event: "acknowledged" }],
      "present",
      { last: null },
    ],
    [
      "scanning the failed unit again",
      [...failed, { event: "scanned", serial: "SN-1" }],
      "checking",
    ],
    [
      "scanning another label on the failed unit",
      [...failed, { event: "scanned", serial: "SN-2" }],
      "fail",
    ],
    [
      "an interrupted attempt is found at start",
      [{ event: "restored", serial: "SN-1", refusal }, port(A), long, tick],
      "fail",
    ],
    [
      "cancelled before start",
      [port(A), ...scanned("S"), { event: "cancelled" }],
      "present",
      { serial: null },
    ],
    [
      "cancelled while the job is on its way",
      [port(A), ...scanned("S"), { event: "ordered", jobId: "j" }, { event: "cancelled" }],
      "present",
    ],
    ["cancelled while busy", [port(A), ...busy(), { event: "cancelled" }], "busy"],
    ["taken out of use", [port(A), { event: "enabled", enabled: false }], "off"],
    [
      "taken out of use with a FAIL that nobody has seen",
      [...failed, { event: "enabled", enabled: false }],
      "fail",
      { isOff: true },
    ],
    [
      "and seen then",
      [...failed, { event: "enabled", enabled: false }, { event: "acknowledged" }],
      "off",
    ],
    [
      "in use again before anybody saw its FAIL",
      [
        ...failed,
        { event: "enabled", enabled: false },
        { event: "enabled", enabled: true },
        { event: "acknowledged" },
      ],
      "present",
    ],
    [
      "taken out of use while busy",
      [port(A), ...busy(), { event: "enabled", enabled: false }],
      "busy",
    ],
    [
      "back in use",
      [port(A), { event: "enabled", enabled: false }, { event: "enabled", enabled: true }],
      "present",
    ],
  ];
  it.each(table)("%s", (_name, steps, state, more) => {
    const nest = run(steps);
    expect({ ...nest, serial: serialOf(nest) }).toMatchObject({ state, ...more });
  });

  it("does not take another serial before its port was empty", () => {
    const acknowledged = run(failed, { event: "acknowledged" });
    expect(isWaiting(acknowledged)).toBe(false);
    expect(takesScan(acknowledged, "SN-2")).toEqual(NOT_ARMED);
    expect(takesScan(acknowledged, "SN-1").kind).toBe("takes");
    const swapped = run(failed, port(null), long, port(B));
    expect(takesScan(swapped, "SN-2")).toEqual({ kind: "refuses", code: "nest.fail_unseen" });
    const seen = reduceNest(swapped, { event: "acknowledged" }, 1_100_000);
    expect(takesScan(seen, "SN-2").kind).toBe("takes");
  });

  it("keeps to that over a restart of the agent", () => {
    const restored: NestEvent = { event: "restored", serial: "SN-1", refusal: null };
    expect(takesScan(run(restored, port(A)), "SN-2")).toEqual(NOT_ARMED);
    const later = run(restored, port(null), long, port(A));
    expect(takesScan(later, "SN-2").kind).toBe("takes");
  });

  it.each([SHARED.usbSerial, "3CBJ"])(
    "does not take a serial that many units share for the same unit: %s",
    (usbSerial) => {
      const unit = { ...SHARED, usbSerial };
      const steps = [port(unit), busy(), finished(true, true, usbSerial), port(null)].flat();
      expect(run(steps, long, port({ ...unit, deviceNumber: 8 }))).toMatchObject({
        state: "present",
      });
    },
  );
});

describe("a nest whose unit gets a label", () => {
  const label = (more: object = {}): NestEvent => ({
    event: "label",
    attemptId: "a",
    serial: "SN-1",
    durationMs: 1000,
    stage: "printing",
    refusal: null,
    ...more,
  });
  const done: NestEvent = { event: "label-done", attemptId: "a" };
  const passed = [port(A), busy(), finished(true), label()].flat();
  const started = [port(A), busy(), finished(true, true), port(null), label()].flat();

  const table: readonly [string, readonly Step[], Nest["state"], object?][] = [
    ["stays, however long the unit is out", [...passed, port(null), long, tick], "label"],
    ["stays when the unit started its program", [...started, wait(PASS_SHOWN_MS), tick], "label"],
    [
      "stays when it is taken out of use",
      [...passed, { event: "enabled", enabled: false }],
      "label",
    ],
    ["stays when somebody acknowledges", [...passed, { event: "acknowledged" }], "label"],
    ["stays when somebody cancels", [...passed, { event: "cancelled" }], "label"],
    ["shows the stage", [...passed, label({ stage: "scan" })], "label", { stage: "scan" }],
    ["is done", [...passed, done], "pass", { cameBack: false }],
    [
      "is done by its own label only",
      [...passed, { ...done, attemptId: "b" } as NestEvent],
      "label",
    ],
    ["is done, shown for a while", [...started, long, done, wait(PASS_SHOWN_MS - 1), tick], "pass"],
    ["is done, and empty then", [...started, long, done, wait(PASS_SHOWN_MS), tick], "empty"],
    [
      "is done, its unit long out",
      [...passed, port(null), long, done, tick],
      "empty",
      { last: null },
    ],
    ["is done, off", [...passed, { event: "enabled", enabled: false }, done], "off"],
    [
      "is done, back in use",
      [...passed, { event: "enabled", enabled: false }, { event: "enabled", enabled: true }, done],
      "pass",
    ],
    [
      "is done, the next unit in",
      [...passed, port(null), long, port(B), done],
      "present",
      { last: null },
    ],
    [
      "is done, the same unit back",
      [...started, long, port(A_AGAIN), done],
      "pass",
      { cameBack: true },
    ],
    ["of an earlier life", [port(A), label(), done], "present"],
    ["of an earlier life, off", [{ event: "enabled", enabled: false }, label(), done], "off"],
    ["has no label while it works", [port(A), busy(), label()].flat(), "busy"],
  ];
  it.each(table)("%s", (_what, steps, state, fields = {}) => {
    expect(run(steps)).toMatchObject({ state, ...fields });
  });

  it("takes no scan", () => {
    for (const steps of [passed, [...passed, port(null), long, port(B)]]) {
      expect(takesScan(run(steps), "SN-2")).toEqual({ kind: "refuses", code: "nest.label_open" });
      expect(serialOf(run(steps))).toBe("SN-1");
    }
  });
});
