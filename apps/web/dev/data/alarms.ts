import {
  ALARM_RULE_NAMES,
  ALARM_RULES,
  type AlarmRuleEntry,
  AlarmRuleView,
  AlarmTrial,
  AlarmView,
  describeAlarm,
  RecipientView,
} from "@flashline/contract";
import { ago, id } from "./basics.ts";

type Row = readonly [
  rule: string,
  kind: string,
  name: string,
  parameters: Record<string, string | number>,
  secondsAgo: number,
  takenBy: string | null,
  over: string | null,
];
const ROWS: readonly Row[] = [
  [
    "host.suspect",
    "host",
    "L3-07 0000:00:14.0",
    { evidence: "Links are lost." },
    4_000,
    null,
    null,
  ],
  ["failures.row", "nest", "L3-07/3", { units: 4 }, 700, "petra", null],
  ["order.low", "order", "WO-20417", { left: 9 }, 300, null, null],
  [
    "line.behind",
    "line",
    "Line 3",
    { behind: 29, minutes: 30, made: 193, due: 222 },
    5_700,
    null,
    null,
  ],
  [
    "station.silent",
    "station",
    "L3-09",
    { since: ago(90_120).slice(0, 16).replace("T", " ") },
    90_000,
    "dana",
    "gone",
  ],
  ["yield.low", "product", "MC-2", { passed: 40, units: 52, limit: 90 }, 180_000, null, "gone"],
];
export const alarms = ROWS.map(([rule, kind, name, parameters, seconds, takenBy, over], number) =>
  AlarmView.parse({
    id: id(17, number),
    rule,
    parameters,
    takenBy,
    plant: rule === "order.low" ? null : "Graz",
    subject: { kind, id: id(3, 0), name },
    station: ["order", "product", "line"].includes(kind) ? null : name.slice(0, 5),
    message: describeAlarm(rule, name, parameters),
    raisedAt: ago(seconds),
    raisedBy: "server",
    takenAt: takenBy === null ? null : ago(seconds - 60),
    overdueAt: null,
    recoveredAt: over === null ? null : ago(seconds - 3_000),
    recoveredWhy: over,
    recoveredBy: null,
  }),
);

const entries: Readonly<Record<string, AlarmRuleEntry>> = ALARM_RULES;
export const alarmRules = ALARM_RULE_NAMES.map((rule) => {
  const entry = entries[rule];
  const settings = Object.entries(entry?.settings ?? {});
  const usual = Object.fromEntries(settings.map(([name, { usual: value }]) => [name, value]));
  return AlarmRuleView.parse({
    rule,
    plant: entry?.scope === "server" ? null : "Graz",
    enabled: rule !== "disk.low",
    settings: rule === "failures.row" ? { ...usual, nest: 4 } : usual,
    usual,
    meaning: Object.fromEntries(settings.map(([name, { says }]) => [name, says])),
    says: entry?.says,
    changedBy: rule === "failures.row" ? "dana" : null,
    changedAt: rule === "failures.row" ? ago(400_000) : null,
  });
});

export const trial = AlarmTrial.parse({
  rule: "failures.row",
  plant: "Graz",
  settings: { nest: 4, host: 4, station: 5 },
  from: ago(14 * 86_400),
  to: ago(0),
  raised: 5,
  would: 2,
  alarms: [
    ["L3-07/3", 700, null],
    ["L3-04/1", 300_000, 290_000],
  ].map(([name, at, until]) => ({
    subject: { kind: "nest", name },
    at: ago(Number(at)),
    until: until === null ? null : ago(Number(until)),
    message: describeAlarm("failures.row", String(name), { units: 4 }),
  })),
});

export const recipients = [
  ["shift@plant.example", ["lead.called", "station.silent"], "Graz", null],
  ["quality@plant.example", ["*"], null, "450 mailbox is full"],
].map(([address, rules, plant, lastError], number) =>
  RecipientView.parse({
    id: id(18, number),
    address,
    rules,
    plant,
    lastError,
    waiting: lastError === null ? 0 : 2,
    sentAt: ago(5_000),
    givenUp: 0,
  }),
);
