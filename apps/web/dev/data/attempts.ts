import { type AttemptDetail, CODES, type Code, eachFigure, UnitDetail } from "@flashline/contract";
import { ago, id } from "./basics.ts";
import { hosts } from "./hosts.ts";

const FAILURES: readonly Code[] = [
  "link.timeout",
  "flash.verify_mismatch",
  "link.stall",
  "link.lost",
];

/** People who work at the stations. */
const PEOPLE = ["Anna Huber", "Olaf Berger"].map((name, k) => ({ id: id(9, k), name }));

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
    linkIncident: recovered || (code?.startsWith("link.") ?? false),
    late: number === 11,
    contradictions: number === 11 ? ["manifest"] : [],
    review: number === 13,
    virtual: true,
    profile: recovered ? "gentle" : "standard",
    startProfile: "standard",
    durationMs: running ? null : failed ? 4100 + number * 30 : 11_000 + ((number * 137) % 900),
    receivedAt: running ? null : ago(4 + number * 17),
    startedAt: ago(15 + number * 17),
    operator: number % 5 === 2 ? null : (PEOPLE[number % PEOPLE.length] ?? null),
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
    ...eachFigure(() => 0),
    bytes: failed ? 0 : 393_216,
    erasedSectors: 7,
    erasedRemainder: 2048,
    transfers: 1893,
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
    patch: running
      ? null
      : {
          digest: "5c0f7a".repeat(11).slice(0, 64),
          fields: ["serial", "mac", "key", "check"],
        },
    application:
      running || failed
        ? null
        : {
            expected: `MC2-00${4840 - number}`,
            serial: `MC2-00${4840 - number}`,
            ids: "0483:5740",
          },
    exception: null,
    transcript: failed ? { bytes: 412_388, receivedAt: ago(2 + number * 17) } : null,
  };
}

export const attempts: readonly AttemptDetail[] = Array.from({ length: 60 }, (_, n) => attempt(n));

/** A label that did not scan, and its second print. */
const labelsOf = ({ id: attemptId, station, nest }: AttemptDetail): UnitDetail["labels"] =>
  (
    [
      ["scanned", 40, null],
      ["printed", 55, null],
      ["reprint", 56, "Cannot be scanned"],
      ["printed", 80, null],
    ] as const
  ).map(([deed, seconds, reason]) => ({
    attemptId,
    at: ago(seconds),
    deed,
    reason,
    scanned: null,
    station,
    nest,
    operator: deed === "reprint" ? "Anna Huber" : null,
  }));

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
    last:
      each.outcome === null
        ? null
        : { attemptId: each.id, outcome: each.outcome, code: each.code, blame: each.blame },
    createdAt: ago(86_400),
    values: [
      { name: "key", value: null, source: "secret" },
      { name: "mac", value: String(0x70b3_d512_3000 + number), source: "range" },
      { name: "variant", value: "EU-16A", source: "given" },
    ],
    labels: number === 3 ? labelsOf(each) : [],
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
