import { z } from "zod";
import type { EventKind } from "./event.ts";

/** The event's subject has the alarm's id, and its rule with the name of what it is about. */
const Incident = {
  rule: z.string(),
  subjectKind: z.string(),
  subjectId: z.string(),
  subjectName: z.string(),
};

/** Alarms, their rules, and who is told. */
export const ALARM_EVENTS = {
  "alarm.raised": {
    says: "Something needs a person; one event an incident.",
    subject: "alarm",
    versions: [
      z.object({
        ...Incident,
        parameters: z.record(z.string(), z.union([z.string(), z.number()])),
      }),
    ],
  },
  "alarm.taken": {
    says: "A person looks after an alarm from now on; whoever did before does not any more.",
    subject: "alarm",
    versions: [z.object(Incident)],
  },
  "alarm.overdue": {
    says: "Nobody took a call for the lead in time.",
    subject: "alarm",
    versions: [z.object(Incident)],
  },
  "alarm.recovered": {
    says: "An alarm is over. `why`: gone, off (the rule), ended (by somebody), over (its time).",
    subject: "alarm",
    versions: [z.object({ ...Incident, why: z.string() })],
  },
  "alarm.rule-changed": {
    says: "A rule of alarms was switched or got other settings (`before`, `after`).",
    subject: "rule",
    versions: [z.object({ plant: z.string().nullable() })],
  },
  "recipient.added": {
    says: "Somebody gets alarms by e-mail from now on. The address is not told.",
    subject: "recipient",
    versions: [z.object({ rules: z.array(z.string()) })],
  },
  "recipient.removed": {
    says: "Somebody gets no alarms by e-mail any more.",
    subject: "recipient",
    versions: [z.object({ rules: z.array(z.string()) })],
  },
  "recipient.tested": {
    says: "A mail was sent to somebody who gets alarms, as a trial.",
    subject: "recipient",
    versions: [z.object({ sent: z.boolean() })],
  },
} as const satisfies Record<string, EventKind>;
