import type { StationNotice, StationPageView } from "@flashline/contract";
import { expect, test } from "vitest";
import { soundFor } from "./tones.ts";

const refusal = { code: "link.lost", detail: "", action: null };
const serial = "MC2-004817";
const STATES = {
  present: { state: "present", serial: null },
  busy: { state: "busy", serial, progress: null, trouble: null },
  pass: { state: "pass", serial, durationMs: 11_240, refusal: null },
  scan: { state: "label", serial, durationMs: 1, stage: "scan", refusal: null },
  trouble: { state: "label", serial, durationMs: 1, stage: "trouble", refusal },
  fail: { state: "fail", serial, durationMs: 4100, refusal },
} as const;

function view(
  states: readonly (keyof typeof STATES)[],
  notice: StationNotice = { count: 1, key: "nothing", kind: "info" },
) {
  const nests = states.map((state, index) => ({
    name: String(index + 1),
    portPath: `3-${index + 1}`,
    next: false,
    ...STATES[state],
  }));
  return {
    station: "L3-07",
    line: "3",
    workOrder: null,
    product: null,
    productTitle: null,
    version: null,
    manifestSha256: null,
    server: "connected",
    grant: null,
    queuedResults: 0,
    setAside: 0,
    today: { passed: 0, failed: 0 },
    nests,
    last: [],
    notice,
    call: null,
    operator: null,
    decision: null,
    labelAsked: null,
    labels: "none",
    badgeNeeded: false,
    elsewhere: false,
    badgePrefix: null,
    way: "single",
    kept: null,
    teach: { ports: [], bound: [] },
    virtual: false,
    agentVersion: "0.1.0",
    update: null,
  } satisfies StationPageView;
}

test("a verdict sounds once, when it comes", () => {
  expect(soundFor(view(["busy"]), view(["pass"]))).toBe("pass");
  expect(soundFor(view(["pass"]), view(["pass"]))).toBeNull();
  expect(soundFor(view(["busy"]), view(["fail"]))).toBe("fail");
});

test("a unit that gets a label is heard to pass once, and a printer that takes none is heard", () => {
  expect(soundFor(view(["busy"]), view(["scan"]))).toBe("pass");
  expect(soundFor(view(["scan"]), view(["pass"]))).toBeNull();
  expect(soundFor(view(["scan"]), view(["trouble"]))).toBe("refused");
  expect(soundFor(view(["trouble"]), view(["trouble"]))).toBeNull();
});

test("a page that was just opened is silent about what was before", () => {
  expect(soundFor(null, view(["fail", "pass"]))).toBeNull();
});

test("bad news is not drowned by good news of the same moment", () => {
  expect(soundFor(view(["busy", "busy"]), view(["pass", "fail"]))).toBe("fail");
});

test("a call for the lead that nobody answers is heard, over everything else", () => {
  const at = "2026-11-29T08:00:00Z";
  const called = { ...view(["busy"]), call: { state: "called", at, overdue: false } } as const;
  const overdue = { ...view(["fail"]), call: { state: "called", at, overdue: true } } as const;
  expect(soundFor(called, overdue)).toBe("nobody");
  expect(soundFor(overdue, overdue)).toBeNull();
  expect(soundFor(called, { ...called, call: { state: "not-sent" } })).toBe("nobody");
  expect(soundFor(called, { ...called, call: { state: "taken", at, by: "Anna" } })).toBeNull();
});

test("the same refusal sounds again when it is repeated", () => {
  const nothing = { key: "nothing-to-start", kind: "refused", nest: null } as const;
  const refused = view(["present"], { ...nothing, count: 2 });
  expect(soundFor(view(["present"]), refused)).toBe("refused");
  expect(soundFor(refused, view(["present"], { ...nothing, count: 3 }))).toBe("refused");
  expect(soundFor(refused, refused)).toBeNull();
});

test("a scan that was taken is heard, unless there is something worse to hear", () => {
  const assigned = { key: "assigned", kind: "info", serial, nest: "1" } as const;
  const taken = view(["present"], { ...assigned, count: 2 });
  expect(soundFor(view(["present"]), taken)).toBe("accepted");
  expect(soundFor(taken, taken)).toBeNull();
  expect(soundFor(view(["busy"]), view(["fail"], { ...assigned, count: 2 }))).toBe("fail");
});
