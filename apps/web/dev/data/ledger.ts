import { LedgerChain, LedgerEvent, WebhookView } from "@flashline/contract";
import { ago, id } from "./basics.ts";

const hash = (seed: number): string => seed.toString(16).padStart(4, "0").repeat(16);
type Row = readonly [
  kind: string,
  subjectKind: string,
  subject: string,
  who: string | null,
  reason: string | null,
  before: object | null,
  after: object | null,
  data: object,
];
const ROWS: readonly Row[] = [
  [
    "order.quantity-changed",
    "order",
    "WO-20418",
    "dana",
    "the customer takes more",
    { quantity: 500 },
    { quantity: 600 },
    { used: 423 },
  ],
  [
    "station.paused",
    "station",
    "L3-07",
    "petra",
    "fixture is loose",
    null,
    null,
    { hold: id(20, 1), origin: "person" },
  ],
  [
    "person.role-changed",
    "person",
    "erika",
    "anna",
    "runs the plant now",
    { role: "operator-lead" },
    { role: "engineer" },
    { sessions: 1 },
  ],
  [
    "attempt.finished",
    "unit",
    "MC2-004832",
    null,
    null,
    null,
    null,
    { outcome: "PASS", station: "L3-02", order: "WO-20418" },
  ],
  ["person.log-in-failed", "person", "root", null, null, null, null, {}],
  [
    "alarm.rule-changed",
    "rule",
    "failures.row Graz",
    "dana",
    "new boards",
    { nest: 3 },
    { nest: 4 },
    { plant: "Graz" },
  ],
];
export const events = ROWS.map(
  ([kind, subjectKind, subject, who, reason, before, after, data], at) =>
    LedgerEvent.parse({
      server: id(19, 0),
      position: 18_204 - at,
      previous: hash(at + 1),
      hash: hash(at),
      sealedAt: ago(60 * at),
      id: id(21, at),
      at: ago(3_600 * at * at),
      kind,
      version: 1,
      who: { kind: who === null ? "station" : "person", id: null, name: who, commitment: null },
      from: { address: "10.3.7.21", door: who === null ? "agent" : "pages", operation: kind },
      plantId: null,
      subject: { kind: subjectKind, id: null, name: subject, commitment: null },
      before,
      after,
      reason,
      data,
    }),
);
export const chain = LedgerChain.parse({
  head: { position: 18_204, hash: hash(0), sealedAt: ago(2) },
  unsealed: 1,
  verified: { position: 18_203, at: ago(20) },
  reading: null,
  problems: [],
});

export const webhooks = [
  [
    "mes",
    "https://mes.plant.example/flashline",
    ["attempt.finished", "order.closed"],
    true,
    null,
    0,
  ],
  ["chat", "https://chat.plant.example/hooks/71", ["alarm.*"], true, "503", 12],
].map(([name, url, kinds, on, lastError, deadLetters], number) =>
  WebhookView.parse({
    id: id(22, number),
    name,
    url,
    kinds,
    on,
    lastError,
    deadLetters,
    offReason: null,
    position: 18_000,
    behind: lastError === null ? 0 : 204,
    deliveredAt: ago(40),
    failingSince: lastError === null ? null : ago(4_000),
    tries: lastError === null ? 0 : 9,
    nextTryAt: null,
    createdAt: ago(4_000_000),
    createdBy: "dana",
  }),
);
