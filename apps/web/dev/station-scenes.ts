import {
  type Code,
  type NestIn,
  type NestRefusal,
  type NestView,
  StationPageView,
} from "@flashline/contract";

const at = (name: number) => ({ name: String(name), portPath: `3-1.${name}`, next: false });
const serial = (number: number): string => `MC2-00${4800 + number}`;

const empty = (name: number): NestView => ({ ...at(name), state: "empty", refusal: null });
const present = (name: number, next = false): NestView => ({
  ...at(name),
  next,
  state: "present",
  serial: null,
});
const pass = (name: number): NestView => ({
  ...at(name),
  state: "pass",
  serial: serial(name),
  durationMs: 11_240,
  refusal: null,
});
const agoS = (seconds: number): string => new Date(Date.now() - 1000 * seconds).toISOString();
const busy = (name: number, phase: string, fraction: number): NestIn<"busy"> => ({
  ...at(name),
  state: "busy",
  serial: serial(name),
  progress: { phase, fraction, remainingMs: 11_000 * (1 - fraction) },
  trouble: null,
});
const refusal = (code: Code): NestRefusal => ({ code, detail: "", action: null });
const fail = (name: number, code: Code): NestView => ({
  ...at(name),
  state: "fail",
  serial: serial(name),
  durationMs: 4100,
  refusal: refusal(code),
});
const refused = (name: number, code: Code): NestView => ({
  ...at(name),
  state: "refused",
  serial: serial(name),
  refusal: refusal(code),
});

const label = (
  name: number,
  stage: NestIn<"label">["stage"],
  code: Code | null = null,
): NestView => ({
  ...at(name),
  next: stage === "scan",
  state: "label",
  serial: serial(name),
  durationMs: 11_240,
  stage,
  refusal: code === null ? null : refusal(code),
});

const shift: readonly NestView[] = [
  pass(1),
  busy(2, "write", 0.64),
  fail(3, "flash.verify_mismatch"),
  busy(4, "verify", 0.91),
  empty(5),
  { ...at(6), state: "ready", serial: serial(21) },
  refused(7, "preflight.already_passed"),
  {
    ...at(8),
    state: "off",
    hold: { kind: "nest", reason: "Pogo pin 3 is bent; toolmaker comes at 14:00." },
  },
];
const first = present(1, true);

const NESTS: Readonly<Record<string, readonly NestView[]>> = {
  shift,
  one: [pass(1)],
  "one-fail": [fail(1, "link.lost")],
  "one-scan": [first],
  two: [first, busy(2, "erase", 0.08)],
  trouble: [
    { ...busy(1, "write", 0.31), trouble: { kind: "recovering", since: agoS(7) } },
    { ...busy(2, "erase", 0.08), trouble: { kind: "gone", since: agoS(3) } },
  ],
  four: [pass(1), fail(2, "link.timeout"), busy(3, "verify", 0.87), empty(4)],
  six: [
    first,
    present(2),
    fail(3, "attempt.interrupted"),
    { ...at(4), state: "starting", serial: serial(4) },
    pass(5),
    empty(6),
  ],
  sixteen: [...shift, ...shift.map((each, index) => ({ ...each, name: String(9 + index) }))],
  label: [label(1, "scan"), busy(2, "write", 0.4)],
  "label-one": [label(1, "scan")],
  "label-doubt": [label(1, "doubtful")],
  "label-trouble": [label(1, "trouble", "label.printer_not_ready"), label(2, "waiting")],
  labels: [
    label(1, "scan"),
    label(2, "waiting"),
    busy(3, "write", 0.4),
    label(4, "trouble", "label.printer_away"),
    label(5, "doubtful"),
    label(6, "printing"),
    pass(7),
    empty(8),
  ],
  "label-asked-skip": [label(1, "trouble", "label.printer_away"), label(2, "waiting")],
  "label-asked": [label(1, "scan"), busy(2, "write", 0.4)],
  badge: [refused(1, "operator.missing"), present(2), busy(3, "write", 0.4), empty(4)],
  decision: [refused(1, "preflight.retest_limit"), present(2), busy(3, "write", 0.4), empty(4)],
  left: [
    refused(1, "grant.used_up"),
    refused(2, "grant.over"),
    refused(3, "grant.clock"),
    empty(4),
  ],
  golden: [
    { ...empty(1), golden: { kind: "due" } },
    { ...present(2, true), golden: { kind: "blocks" } },
    { ...busy(3, "write", 0.4), serial: "GOLD-1", golden: { kind: "run", made: 17, times: 60 } },
    { ...refused(4, "golden.due"), golden: { kind: "blocks" } },
  ],
  "golden-one": [
    { ...busy(1, "verify", 0.7), serial: "GOLD-1", golden: { kind: "run", made: 17, times: 60 } },
  ],
  "golden-due": [{ ...present(1, true), golden: { kind: "due" } }],
  empty: [1, 2, 3, 4].map(empty),
};

/** That for which the next scan is. */
const nextNest = (nests: readonly NestView[]): string =>
  (nests.find(({ next }) => next) ?? nests.find(({ state }) => state === "empty"))?.name ?? "1";

/** A station page's view for looking at: `?scene=four`, with `+away` behind it for a server that is gone, and `+grant` where units go on. */
export function stationScene(name: string): StationPageView {
  const [scene = "shift", variant] = name.split("+");
  const granted = variant === "grant";
  const away = variant === "away" || granted;
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
    grant: granted ? { left: scene === "left" ? 0 : 37, until: "2026-11-20T21:10:00Z" } : null,
    queuedResults: away ? 3 : 0,
    setAside: 0,
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
            count: 4,
            key: "scan-refused",
            kind: "refused",
            code: "preflight.already_passed",
            scanned: serial(12),
          }
        : idle
          ? { count: 1, key: "nothing", kind: "info" }
          : { count: 1, key: "selected", kind: "info", nest: nextNest(NESTS[scene] ?? shift) },
    call:
      scene === "shift" ? { state: "taken", at: "2026-11-20T10:42:00Z", by: "Anna Huber" } : null,
    operator: scene === "badge" || scene === "empty" ? null : "Anna Huber",
    decision:
      scene === "decision"
        ? {
            nest: "1",
            serial: serial(1),
            code: "preflight.retest_limit",
            name: "Mia Gruber",
            ownWords: variant === "own-words",
          }
        : null,
    labelAsked: scene.startsWith("label-asked")
      ? { serial: serial(1), nest: "1", printed: scene === "label-asked" }
      : null,
    labels:
      variant === "no-printer" ? "no-printer" : scene.startsWith("label") ? "printed" : "none",
    badgeNeeded: scene === "badge",
    elsewhere: false,
    badgePrefix: "FL-BADGE-",
    way: variant === "kept" ? "start-when-plugged" : "single",
    kept: variant === "kept" ? { serial: serial(22), nest: null, until: agoS(-18) } : null,
    teach: {
      ports: variant === "teach" ? [{ portPath: "3-1.9", controller: "0000:00:14.0" }] : [],
      bound: ["1", "2", "3", "5", "6", "7", "8"],
    },
    virtual: variant === "virtual",
    agentVersion: "0.1.0",
    update:
      variant === "updating" ? { isTrial: false, nest: scene === "shift" ? "2" : null } : null,
  });
}
