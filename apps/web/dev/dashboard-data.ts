import {
  type AttemptDetail,
  CODES,
  type Code,
  HostsView,
  type HostView,
  type Proportion,
  ReleaseView,
  StationView,
  UnitDetail,
  WorkOrderView,
  YieldView,
} from "@flashline/contract";

const id = (kind: number, number: number): string =>
  `0190a${kind.toString(16).padStart(3, "0")}-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
const now = Date.now();
const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();

/** Wilson, as the server does it; only here because invented counts need their intervals too. */
function share(count: number, n: number): Proportion {
  if (n === 0) return { count, n, share: null, low: 0, high: 1 };
  const z = 1.96;
  const p = count / n;
  const scale = 1 + z ** 2 / n;
  const centre = (p + z ** 2 / (2 * n)) / scale;
  const half = (z / scale) * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2));
  return { count, n, share: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

const host = (number: number, change: Partial<HostView>): HostView => ({
  id: id(5, number),
  name: `L3-0${number}`,
  station: `L3-0${number}`,
  machine: `line-pc-${number}`,
  controller: "8086:7ae0",
  controllerName: "Intel Alder Lake xHCI",
  driver: "xhci_hcd",
  hubs: ["05e3:0610"],
  virtual: true,
  verdict: "OK",
  evidence: "",
  advice: [],
  units: 1204,
  attempts: 1240,
  linkIncidents: share(14, 1204),
  expected: 0.013,
  pValue: 0.7,
  adjustedP: 0.8,
  strata: 6,
  passedElsewhere: 9,
  p95Ms: 11_400,
  since: ago(90_000),
  ...change,
});

export const hosts = HostsView.parse({
  asOf: ago(1),
  from: ago(14 * 86_400),
  hosts: [
    host(7, {
      controller: "1022:15b8",
      controllerName: "AMD Raphael xHCI",
      hubs: [],
      verdict: "SUSPECT",
      evidence:
        "13 of 84 units lost the link here; 61 of 3,912 on the other hosts with the same releases and batches. 11 of the 13 passed elsewhere.",
      advice: [
        "Put a USB 2.0 hub in between. On this plant: 2.1 % with, 14.8 % without (same controller).",
        "Use a port of another controller.",
        "Else start it at profile gentle: 6.0 % here.",
      ],
      units: 84,
      attempts: 97,
      linkIncidents: share(13, 84),
      expected: 0.016,
      pValue: 4e-9,
      adjustedP: 3.1e-8,
      passedElsewhere: 11,
      p95Ms: 19_800,
    }),
    host(2, {
      controller: "8086:a0ed",
      controllerName: "Intel Tiger Lake xHCI",
      hubs: [],
      verdict: "WATCH",
      evidence: "6 of 131 units lost the link here; 1.6 % are expected. Not enough to be sure.",
      units: 131,
      linkIncidents: share(6, 131),
      expected: 0.016,
      adjustedP: 0.06,
      p95Ms: 12_900,
    }),
    host(4, {
      evidence: "14 of 1,204 units lost the link here; 1.3 % are expected.",
    }),
    host(5, { units: 980, linkIncidents: share(11, 980), p95Ms: 11_300 }),
    host(9, {
      controller: "1b21:3042",
      controllerName: "ASMedia xHCI",
      hubs: [],
      verdict: "NOT_ENOUGH_DATA",
      evidence: "Only 12 units were flashed here; 20 are needed.",
      units: 12,
      linkIncidents: share(0, 12),
      expected: null,
      pValue: null,
      adjustedP: null,
      p95Ms: 11_600,
    }),
  ],
  byController: [
    ["1022:15b8", false, "fast", 9, 41],
    ["1022:15b8", false, "standard", 13, 84],
    ["1022:15b8", false, "gentle", 3, 50],
    ["1022:15b8", false, "crawl", 0, 9],
    ["1022:15b8", true, "fast", 2, 66],
    ["1022:15b8", true, "standard", 3, 140],
    ["8086:7ae0", true, "fast", 5, 610],
    ["8086:7ae0", true, "standard", 20, 1574],
    ["8086:a0ed", false, "standard", 6, 131],
  ].map(([controller, behindHub, profile, count, n]) => ({
    controller,
    controllerName: "",
    behindHub,
    profile,
    linkIncidents: share(Number(count), Number(n)),
  })),
});

const FAILURES: readonly Code[] = [
  "link.timeout",
  "flash.verify_mismatch",
  "link.stall",
  "link.lost",
];

function attempt(number: number): AttemptDetail {
  const failed = number % 9 === 4;
  const code = failed ? (FAILURES[Math.floor(number / 9) % FAILURES.length] ?? "link.stall") : null;
  const recovered = !failed && number % 7 === 3;
  const running = number === 0;
  const station = hosts.hosts[number % 4];
  const incidents = [
    {
      code: "link.timeout",
      phase: "write",
      atMs: 3120,
      address: 0x0800_8000,
      detail: "GETSTATUS was not answered in 1000 ms; state dfuDNBUSY before it.",
    },
    { code: "link.resync", phase: "write", atMs: 4180, detail: "CLRSTATUS twice, dfuIDLE again." },
    { code: "link.escalated", phase: "write", atMs: 4190, detail: "standard to gentle." },
  ];
  return {
    id: id(1, number),
    jobId: id(2, number),
    serial: `MC2-00${4840 - number}`,
    product: "MC-2",
    version: "2.8.1",
    workOrder: "WO-20418",
    station: station?.name ?? "L3-04",
    nest: String((number % 4) + 1),
    hostId: station?.id ?? id(5, 4),
    host: station?.name ?? "L3-04",
    outcome: running ? null : failed ? "FAIL" : "PASS",
    code,
    blame: code === null ? null : CODES[code].blame,
    meaning: code === null ? null : CODES[code].meaning,
    linkIncident: recovered || (code?.startsWith("link.") ?? false),
    late: number === 11,
    review: number === 13,
    virtual: true,
    profile: recovered ? "gentle" : "standard",
    startProfile: "standard",
    durationMs: running ? null : failed ? 4100 + number * 30 : 11_000 + ((number * 137) % 900),
    receivedAt: running ? null : ago(4 + number * 17),
    startedAt: ago(15 + number * 17),
    detail: failed
      ? "GETSTATUS after block 12: state 4 (dfuDNBUSY) for 6200 ms, budget 5000 ms."
      : null,
    phase: failed ? "write" : null,
    address: failed ? 0x0800_8000 : null,
    incidents: recovered || code?.startsWith("link.") ? incidents : [],
    phaseMs: failed
      ? { connect: 120, erase: 1900, write: 2080 }
      : {
          connect: 120,
          compare: 400,
          erase: 3100,
          write: 4700,
          verify: 2400,
          seal: 280,
          leave: 60,
        },
    bytes: failed ? 0 : 393_216,
    erasedSectors: 7,
    skippedSectors: 1,
    chip: "STM32F407",
    chipMatch: "class",
    chipEvidence: [
      "layout @Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
      "bcdDevice 2200",
    ],
    controller: `${station?.controller ?? ""} at 0000:00:14.0`,
    hubs: [...(station?.hubs ?? [])],
    portPath: "3-1.2",
    agentVersion: "0.1.0",
    skewMs: 12,
  };
}

export const attempts: readonly AttemptDetail[] = Array.from({ length: 60 }, (_, n) => attempt(n));

export const units: readonly UnitDetail[] = attempts.map((each, number) =>
  UnitDetail.parse({
    id: id(3, number),
    serial: each.serial,
    product: "MC-2",
    boardRevision: "C",
    batch: number % 3 === 0 ? "B-1182" : "B-1183",
    state: each.outcome === null ? "in work" : each.outcome === "PASS" ? "passed" : "failed",
    attempts: number === 3 ? 2 : 1,
    lastAt: each.receivedAt,
    createdAt: ago(86_400),
    history:
      number === 3
        ? [each, { ...attempt(4), serial: each.serial, startedAt: ago(400), receivedAt: ago(390) }]
        : [each],
    jobs:
      each.outcome === null
        ? [
            {
              id: each.jobId,
              state: "RUNNING",
              station: each.station,
              nest: each.nest,
              createdAt: ago(12),
            },
          ]
        : [],
  }),
);

const HOURS = [
  [58, 60],
  [61, 66],
  [64, 65],
  [55, 63],
  [62, 64],
  [63, 64],
  [18, 19],
] as const;
const passed = HOURS.reduce((sum, [good]) => sum + good, 0);
const all = HOURS.reduce((sum, [, n]) => sum + n, 0);

export const today = YieldView.parse({
  asOf: ago(0),
  from: ago(36_000),
  to: ago(-50_000),
  timeZone: "Europe/Vienna",
  product: null,
  firstPass: share(passed, all),
  productFirstPass: share(passed, all - 14),
  finalYield: share(all - 4, all),
  attemptYield: share(all - 4, all + 18),
  linkIncidents: share(31, all + 18),
  unitsPassed: all - 4,
  unknownJobs: 1,
  medianMs: 11_200,
  p95Ms: 14_900,
  buckets: HOURS.map(([good, n], hour) => ({
    from: ago(25_200 - hour * 3600),
    to: ago(21_600 - hour * 3600),
    label: `${String(6 + hour).padStart(2, "0")}:00`,
    firstPass: share(good, n),
  })),
  pareto: (
    [
      ["link.timeout", 7],
      ["link.busy_wedge", 4],
      ["flash.verify_mismatch", 4],
      ["link.lost", 3],
      ["flash.write_protected", 2],
    ] as const
  ).map(([code, count]) => ({
    code,
    units: count,
    blame: CODES[code].blame,
    meaning: CODES[code].meaning,
  })),
});

const nest = (name: number, state: string, change = {}) => ({
  name: String(name),
  portPath: `3-1.${name}`,
  state,
  serial: state === "empty" ? null : `MC2-00${4830 + name}`,
  phase: null,
  fraction: null,
  code: null,
  ...change,
});

export const stations = [2, 4, 5, 7, 9].map((number) =>
  StationView.parse({
    id: id(4, number),
    name: `L3-0${number}`,
    line: "Line 3",
    plant: "Graz",
    enrolled: true,
    connected: number !== 9,
    lastSeenAt: ago(number === 9 ? 4000 : 3),
    agentVersion: "0.1.0",
    queuedResults: number === 9 ? 3 : 0,
    workOrder: number === 9 ? null : "WO-20418",
    product: number === 9 ? null : "MC-2",
    version: number === 9 ? null : "2.8.1",
    today: { passed: 80 + number * 7, failed: number === 7 ? 9 : 1 },
    nests: [
      nest(1, "pass"),
      nest(2, "busy", { phase: "write", fraction: 0.1 * number }),
      number === 7 ? nest(3, "fail", { code: "link.timeout" }) : nest(3, "empty"),
      nest(4, number === 4 ? "ready" : number === 5 ? "off" : "present"),
    ],
  }),
);

const hex = (seed: string): string => seed.repeat(64).slice(0, 64);
export const releases = [
  ["2.9.0", 31, "draft", "passed", null],
  ["2.9.0-rc1", 30, "draft", "refused", "image.does_not_fit"],
  ["2.8.1", 29, "released", "passed", null],
  ["2.7.0", 26, "revoked", "passed", null],
].map(([version, counter, state, check, checkCode], number) =>
  ReleaseView.parse({
    id: id(6, number),
    product: "MC-2",
    version,
    counter,
    chip: "STM32F407",
    boardRevisions: number === 0 ? ["C", "D"] : [],
    state,
    check,
    checkCode,
    checkMessage:
      checkCode === null
        ? null
        : "mc2-app.bin ends at 0x08110000; the chip's flash ends at 0x08100000.",
    keyId: "A1B2C3D4E5F60718",
    manifestSha256: hex(`9f3${number}`),
    images: [{ name: "mc2-app.dfu", sha256: hex(`7c${number}e`), size: 393_216, format: "dfuse" }],
    createdAt: ago(86_400 * (number + 1)),
    createdBy: "ci-firmware",
    releasedAt: state === "draft" ? null : ago(80_000 * (number + 1)),
    revokedAt: state === "revoked" ? ago(70_000) : null,
    revokedReason: state === "revoked" ? "Motor stalls at cold start (field report 1183)." : null,
    passed: number === 2 ? 418 : number === 3 ? 12_071 : 0,
    failed: number === 2 ? 6 : number === 3 ? 98 : 0,
  }),
);

export const workOrders = [
  ["WO-20418", 600, 418, 6, 5, "open"],
  ["WO-20401", 1200, 1200, 11, 0, "closed"],
].map(([number, quantity, done, failed, running, state], index) =>
  WorkOrderView.parse({
    id: id(7, index),
    number,
    product: "MC-2",
    version: index === 0 ? "2.8.1" : "2.7.0",
    quantity,
    passed: done,
    failed,
    running,
    state,
    stations: index === 0 ? ["L3-02", "L3-04", "L3-05", "L3-07"] : [],
    createdAt: ago(86_400 * (index + 1)),
  }),
);
