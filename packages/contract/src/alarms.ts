import { z } from "zod";
import { ALARM_RULE_NAMES } from "./alarm-rules.ts";
import { Id, Name, Serial, text } from "./common.ts";
import { RefusalParameters } from "./error.ts";
import { Reason } from "./holds.ts";

/** An alarm: one incident, from its cause to the end of it. */
export const AlarmView = z.object({
  id: Id,
  /** A key of ALARM_RULES; a newer server may have more. */
  rule: z.string(),
  /** Null where the rule is the whole server's. */
  plant: z.string().nullable(),
  subject: z.object({ kind: z.string(), id: z.string(), name: z.string() }),
  /** The station to look at, where there is one. */
  station: z.string().nullable(),
  /** The facts of the sentence as they were when it was raised, by name. */
  parameters: RefusalParameters,
  /** The sentence in English. */
  message: z.string(),
  raisedAt: z.string(),
  raisedBy: z.string(),
  /** Who looks after it. */
  takenBy: z.string().nullable(),
  takenAt: z.string().nullable(),
  /** When it was found that nobody had taken it in time. */
  overdueAt: z.string().nullable(),
  /** Null while it is open. */
  recoveredAt: z.string().nullable(),
  /** "gone", "off" (the rule), "ended" (by somebody), "over" (its time). */
  recoveredWhy: z.string().nullable(),
  recoveredBy: z.string().nullable(),
});
export type AlarmView = z.infer<typeof AlarmView>;

/** Takes an alarm; with `from` over from who has it. */
export const TakeAlarmRequest = z.object({ from: text(200, 1).optional() });
/** Ends a call for the lead. */
export const EndAlarmRequest = z.object({ reason: Reason });

/** A rule as it is set in a plant, or for the whole server. */
export const AlarmRuleView = z.object({
  rule: z.enum(ALARM_RULE_NAMES),
  plant: z.string().nullable(),
  enabled: z.boolean(),
  settings: z.record(z.string(), z.number()),
  /** The same as they are where nobody changed them. */
  usual: z.record(z.string(), z.number()),
  /** What each of them means. */
  meaning: z.record(z.string(), z.string()),
  says: z.string(),
  changedBy: z.string().nullable(),
  changedAt: z.string().nullable(),
});
export type AlarmRuleView = z.infer<typeof AlarmRuleView>;

/** Changes a rule. What is not named stays as it is; `usual` takes everything back first. */
export const AlarmRuleRequest = z.object({
  /** The plant, where there are several and the rule is a plant's. */
  plant: Name.optional(),
  usual: z.boolean().optional(),
  enabled: z.boolean().optional(),
  settings: z.record(z.string().max(30), z.number()).optional(),
  reason: Reason,
});

/** A rule tried with settings that are thought of. What is not named is as it is set. */
export const AlarmTrialRequest = z.object({
  /** The plant, where there are several and the rule is a plant's. */
  plant: Name.optional(),
  settings: z.record(z.string().max(30), z.number()).default({}),
});
/** Of a trial so many alarms are told at most. */
export const MOST_TRIED = 200;
/** Which alarms a rule would have raised, worked out from the results of the past. */
export const AlarmTrial = z.object({
  rule: z.enum(ALARM_RULE_NAMES),
  plant: z.string().nullable(),
  settings: z.record(z.string(), z.number()),
  /** What was looked at: less than asked for where there were very many results. */
  from: z.string(),
  to: z.string(),
  /** Alarms of this rule that there were in this time, with the settings of then. */
  raised: z.number().int(),
  /** How many there would have been; null: what the rule looks at is not kept, so nobody can tell. */
  would: z.number().int().nullable(),
  /** The latest ones first, at most {@link MOST_TRIED}. */
  alarms: z.array(
    z.object({
      subject: z.object({ kind: z.string(), name: z.string() }),
      at: z.string(),
      /** Null: it would be open now. */
      until: z.string().nullable(),
      message: z.string(),
    }),
  ),
});
export type AlarmTrial = z.infer<typeof AlarmTrial>;

/** An operator calls the lead, for a nest or for the station. The same call again is no error. */
export const LeadCallRequest = z.object({
  nest: Name.optional(),
  serial: Serial.optional(),
  /** What the operator said or chose. */
  note: text(200).optional(),
  /** Who calls, where the station knows. */
  operator: Name.optional(),
});

/** A station's call for the lead as it stands. */
export const LeadCall = z.object({
  id: Id,
  nest: z.string().nullable(),
  calledAt: z.string(),
  /** Who comes; null while nobody has taken it. */
  takenBy: z.string().nullable(),
  takenAt: z.string().nullable(),
  /** Nobody took it in time. */
  overdue: z.boolean(),
  /** So many seconds after `calledAt` somebody should have taken it. */
  answerS: z.number(),
  endedAt: z.string().nullable(),
});
export type LeadCall = z.infer<typeof LeadCall>;

/** Rules by name; "*" stands for all of them. */
const Rules = z
  .array(z.enum(["*", ...ALARM_RULE_NAMES]))
  .min(1)
  .max(30);

/** Who gets alarms by e-mail. */
export const RecipientRequest = z.object({
  address: z.email().max(200),
  rules: Rules.default(["*"]),
  /** Alarms of this plant and of the server only. */
  plant: Name.optional(),
});
/** One of those who get alarms by e-mail. */
export const RecipientView = z.object({
  id: Id,
  address: z.string(),
  rules: z.array(z.string()),
  plant: z.string().nullable(),
  /** Mails that are not sent yet, and what the mail server last said. */
  waiting: z.number().int(),
  lastError: z.string().nullable(),
  sentAt: z.string().nullable(),
  /** Mails that the mail server did not take for a day: they are not sent any more. */
  givenUp: z.number().int(),
});
export type RecipientView = z.infer<typeof RecipientView>;
