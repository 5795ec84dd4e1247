import { type Code, type NestView, StationPageView } from "@flashline/contract";

const nest = (name: number, change: Partial<NestView>): NestView => ({
  name: String(name),
  portPath: `3-1.${name}`,
  state: "empty",
  next: false,
  serial: null,
  phase: null,
  fraction: null,
  remainingMs: null,
  code: null,
  action: null,
  detail: null,
  durationMs: null,
  ...change,
});
const serial = (number: number): string => `MC2-00${4800 + number}`;

const pass = (name: number): NestView =>
  nest(name, { state: "pass", serial: serial(name), durationMs: 11_240 });
const busy = (name: number, phase: string, fraction: number): NestView =>
  nest(name, {
    state: "busy",
    serial: serial(name),
    phase,
    fraction,
    remainingMs: 11_000 * (1 - fraction),
  });
const bad = (name: number, state: "fail" | "refused" | "unknown", code: Code) =>
  nest(name, { state, serial: serial(name), code });

const shift = [
  pass(1),
  busy(2, "write", 0.64),
  bad(3, "fail", "flash.verify_mismatch"),
  busy(4, "verify", 0.91),
  nest(5, {}),
  nest(6, { state: "ready", serial: serial(21) }),
  bad(7, "refused", "preflight.already_passed"),
  nest(8, { state: "off" }),
];
const first = nest(1, { state: "present", next: true });

const NESTS: Readonly<Record<string, readonly NestView[]>> = {
  shift,
  one: [pass(1)],
  "one-fail": [bad(1, "fail", "link.lost")],
  "one-scan": [first],
  two: [first, busy(2, "erase", 0.08)],
  four: [pass(1), bad(2, "fail", "link.timeout"), busy(3, "verify", 0.87), nest(4, {})],
  six: [
    first,
    nest(2, { state: "present" }),
    bad(3, "unknown", "attempt.interrupted"),
    nest(4, { state: "starting", serial: serial(4) }),
    pass(5),
    nest(6, {}),
  ],
  sixteen: [...shift, ...shift.map((each, index) => ({ ...each, name: String(9 + index) }))],
  empty: [1, 2, 3, 4].map((name) => nest(name, {})),
};

/** A station page's view for looking at: `?scene=four`, with `-away` behind it for a server that is gone. */
export function stationScene(name: string): StationPageView {
  const [scene = "shift", variant] = name.split("+");
  const away = variant === "away";
  const idle = scene === "empty";
  return StationPageView.parse({
    station: "L3-07",
    line: "Line 3",
    workOrder: "WO-20418",
    product: "MC-2",
    productTitle: "Motor controller MC-2",
    version: "2.8.1",
    manifestSha256: `9f3c${"0".repeat(58)}a1`,
    server: away ? "away" : "connected",
    queuedResults: away ? 3 : 0,
    today: idle ? { passed: 0, failed: 0 } : { passed: 418, failed: 6 },
    nests: [...(NESTS[scene] ?? shift)],
    last: idle
      ? []
      : [17, 16, 19, 15, 14, 13, 12].map((number) => ({
          serial: serial(number),
          nest: "1",
          outcome: number === 19 ? "FAIL" : "PASS",
          durationMs: number === 19 ? 4100 : 11_000 + number * 17,
          at: `2026-11-20T10:${20 + number}:00Z`,
        })),
    notice:
      scene === "shift"
        ? {
            ...{ count: 4, key: "scan-refused", kind: "refused" },
            ...{ code: "preflight.already_passed", scanned: serial(12) },
          }
        : idle
          ? { count: 1, key: "nothing", kind: "info" }
          : { count: 1, key: "selected", kind: "info", nest: "1" },
    virtual: variant === "virtual",
  });
}
