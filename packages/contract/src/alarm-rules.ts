import { called } from "./called.ts";
import type { SubjectKind } from "./events/event.ts";

/** A number that a rule takes, with its bounds, both ends included. */
export interface AlarmSetting {
  readonly usual: number;
  readonly least: number;
  readonly most: number;
  /** What it means, with its unit. */
  readonly says: string;
}

/** One rule: a row of the table. */
export interface AlarmRuleEntry {
  /** Whether each plant has settings of its own, or the whole server has one set. */
  readonly scope: "plant" | "server";
  /** What an alarm of this rule is about. */
  readonly subjects: readonly SubjectKind[];
  /** One sentence for the documentation. */
  readonly says: string;
  /**
   * The alarm's own sentence. Names in braces are its parameters; {subject} is the name of what it is about, and {units:unit|units} the word for one or for
   * several of a parameter.
   */
  readonly sentence: string;
  /** What ends it, for the documentation. */
  readonly ends: string;
  readonly settings: Readonly<Record<string, AlarmSetting>>;
}

const setting = (usual: number, least: number, most: number, says: string): AlarmSetting => ({
  usual,
  least,
  most,
  says,
});

/** Every rule by which the server raises an alarm, with its usual settings. */
export const ALARM_RULES = {
  "lead.called": {
    scope: "plant",
    subjects: ["station", "nest"],
    says: "An operator calls the lead.",
    sentence: "{subject} calls the lead.",
    ends: "The station or a person ends the call, or its time is over.",
    settings: {
      answerS: setting(120, 10, 3_600, "seconds in which somebody should take it"),
      hours: setting(8, 1, 24, "hours after which a call ends by itself"),
    },
  },
  "failures.row": {
    scope: "plant",
    subjects: ["nest", "host", "station"],
    says: "So many different units failed one after the other, and none passed in between. It is told of the nest; of the host where the units were in several of its nests; of the station where they were at several of its hosts.",
    sentence: "{units} units failed one after the other at {subject}.",
    ends: "A unit passes there, somebody stops it, nothing was flashed for twelve hours, or it is told of a larger place.",
    settings: {
      nest: setting(3, 2, 20, "units in a row in one nest"),
      host: setting(4, 2, 20, "units in a row at one host, in several nests"),
      station: setting(5, 2, 20, "units in a row at one station, at several hosts"),
    },
  },
  "yield.low": {
    scope: "plant",
    subjects: ["product"],
    says: "The first-pass yield of a product is below the limit for sure: so is the upper end of its 95 % interval. Of all results together the latest 2,000 are looked at.",
    sentence:
      "{subject}: {passed} of {units} units passed at the first try; the limit is {limit} %.",
    ends: "The yield itself is at the limit again, or no first try is left in the time.",
    settings: {
      share: setting(0.9, 0.01, 1, "lowest first-pass yield, as a share"),
      units: setting(30, 10, 1_000, "fewest units of which a yield is told"),
      hours: setting(4, 1, 24, "hours that are looked at"),
    },
  },
  "line.behind": {
    scope: "plant",
    subjects: ["line"],
    says: "A line is far behind the plan of the shift that is on. Where nobody sets plans it says nothing.",
    sentence:
      "{subject} is {behind} {behind:unit|units} behind its plan, {minutes} {minutes:minute|minutes} of work: {made} made, {due} due.",
    ends: "The line is behind by less than half of a limit, the shift is over, or its plan is taken away.",
    settings: {
      units: setting(5, 1, 1_000_000, "units behind, or more"),
      minutes: setting(
        30,
        1,
        1_440,
        "minutes of work at takt that they are, or more; both must hold",
      ),
    },
  },
  "host.suspect": {
    scope: "plant",
    subjects: ["host"],
    says: "The verdict on a host is SUSPECT.",
    sentence: "Host {subject} is SUSPECT. {evidence}",
    ends: "The verdict is another one, or the host is quarantined.",
    settings: {},
  },
  "result.contradicted": {
    scope: "plant",
    subjects: ["station"],
    says: "A station sent a result that contradicts its job or itself.",
    sentence:
      "{subject} sent {results} {results:result that contradicts its job,|results that contradict their jobs, the last one} of {serial}.",
    ends: "None came for the time that is looked at.",
    settings: { hours: setting(4, 1, 72, "hours that are looked at") },
  },
  "station.silent": {
    scope: "plant",
    subjects: ["station"],
    says: "A station with an open work order is not heard of, in a shift of its plant where it has shifts.",
    sentence: "{subject} was last heard of at {since}.",
    ends: "It is heard of, its plant has no shift now, it is stopped, or it has no order any more.",
    settings: { afterS: setting(60, 45, 86_400, "seconds without a sign of life") },
  },
  "station.elsewhere": {
    scope: "plant",
    subjects: ["station"],
    says: "A station's agent runs on a PC that shares no network card with the one that was enrolled: its disk was moved or copied.",
    sentence:
      "{subject} runs on another PC than the one that was enrolled. Was its disk moved or copied?",
    ends: "The station is enrolled anew, or for the time that is looked at only the enrolled PC is heard of.",
    settings: { minutes: setting(10, 1, 1_440, "minutes that are looked at") },
  },
  "update.failed": {
    scope: "plant",
    subjects: ["station"],
    says: "A station did not take an update of its agent, or went back to the version before it.",
    sentence: "{subject} did not take {version} and runs {runs}: {why}",
    ends: "The update is pushed to it anew, its push is called off, or it runs that version.",
    settings: {},
  },
  "results.waiting": {
    scope: "plant",
    subjects: ["station"],
    says: "Results wait at a station that is heard of: something keeps it from sending them.",
    sentence: "{results} {results:result waits|results wait} at {subject} since {since}.",
    ends: "Fewer wait.",
    settings: {
      results: setting(1, 1, 10_000, "results that wait"),
      afterS: setting(120, 30, 86_400, "seconds for which some wait"),
    },
  },
  "clock.skew": {
    scope: "plant",
    subjects: ["station"],
    says: "A station's clock differs from the server's, by its latest result of the last day.",
    sentence: "The clock of {subject} is {seconds} s {direction}.",
    ends: "Its latest result differs by less than half of the limit.",
    settings: { seconds: setting(60, 2, 86_400, "seconds of difference") },
  },
  "grant.kept": {
    scope: "plant",
    subjects: ["grant"],
    says: "A grant's time is over, and its station has not given back its places of an open work order.",
    sentence:
      "{subject} keeps {places} {places:place|places} of the order; the grant's time was over at {until}.",
    ends: "The station gives it back, an engineer ends it, all its units are told of, or the order is closed.",
    settings: { minutes: setting(60, 1, 10_080, "minutes after the grant's time") },
  },
  "order.low": {
    scope: "server",
    subjects: ["order"],
    says: "An open work order has few units left, and its stations have no other order of the product.",
    sentence: "Work order {subject} has {left} {left:unit|units} left.",
    ends: "Its quantity is raised, it is closed or complete, or its stations have another one.",
    settings: {
      left: setting(10, 0, 1_000_000, "units left, or fewer"),
      share: setting(0.1, 0, 1, "share of the quantity that is left, or less; both must hold"),
    },
  },
  "golden.worn": {
    scope: "plant",
    subjects: ["other"],
    says: "A golden unit has few erase cycles left: so much of what its most used sector may have is used.",
    sentence: "Golden unit {subject} has had {worn} of {cycles} erase cycles.",
    ends: "It is retired.",
    settings: { share: setting(0.9, 0.1, 1, "share of the cycles that is used, or more") },
  },
  "golden.overdue": {
    scope: "plant",
    subjects: ["nest"],
    says: "A nest was not checked with a golden unit for long after its check was due.",
    sentence: "{subject} should have been checked with a golden unit at {since}.",
    ends: "A check passes there, the nest is out of use, or its plant asks for no checks.",
    settings: { hours: setting(4, 0, 720, "hours after it was due") },
  },
  "numbers.low": {
    scope: "server",
    subjects: ["product"],
    says: "A product's range of numbers is nearly used up.",
    sentence: "{subject} has {left} {left:number|numbers} left.",
    ends: "It gets another range.",
    settings: {
      left: setting(500, 0, 1_000_000, "numbers left, or fewer"),
      share: setting(0.1, 0, 1, "share of the range that is left, or less; both must hold"),
    },
  },
  "release.expiring": {
    scope: "server",
    subjects: ["release"],
    says: "The release of an open work order expires soon, or has expired.",
    sentence: "Release {subject} expires at {expires}; work order {order} needs it.",
    ends: "No open order has it any more, or it is revoked.",
    settings: { days: setting(7, 1, 365, "days ahead") },
  },
  "disk.low": {
    scope: "server",
    subjects: ["server"],
    says: "The disk of a server's data folder is nearly full. The disk of a PostgreSQL elsewhere is not seen.",
    sentence: "{freeGb} GB are left on the disk of {subject}, {percent} % of it.",
    ends: "There is room again.",
    settings: {
      share: setting(0.1, 0, 1, "share of the disk of which less is free"),
      gb: setting(20, 0, 100_000, "GB of which fewer are free; both must hold"),
    },
  },
  "verdict.behind": {
    scope: "server",
    subjects: ["server"],
    says: "The verdict on hosts does not go on: no server can read what happened next. Its log says why. Results are safe; no host's verdict changes.",
    sentence: "The {subject} has read nothing of what happened since {since}.",
    ends: "It goes on.",
    settings: { minutes: setting(10, 1, 1_440, "minutes for which it stands still") },
  },
  "webhook.off": {
    scope: "server",
    subjects: ["webhook"],
    says: "A webhook was switched off, because its endpoint took nothing for days or said that it is gone.",
    sentence: "Webhook {subject} was switched off: {why}",
    ends: "It is switched on again or removed.",
    settings: {},
  },
  "webhook.failing": {
    scope: "server",
    subjects: ["webhook"],
    says: "A webhook's endpoint takes nothing: it is away, or answers no message as it should. What is to be sent waits and keeps its order.",
    sentence: "Webhook {subject} has taken nothing since {since}: {error}",
    ends: "It takes a message, nothing is left to send, or it is switched off or removed.",
    settings: { minutes: setting(15, 1, 4_320, "minutes for which it has taken nothing") },
  },
  "webhook.letters": {
    scope: "server",
    subjects: ["webhook"],
    says: "A webhook's endpoint refused messages for good.",
    sentence:
      "{letters} {letters:message|messages} to webhook {subject} {letters:was|were} given up; {letters:it|they} can be sent again.",
    ends: "All of them were sent again or removed.",
    settings: { letters: setting(1, 1, 10_000, "messages that were given up") },
  },
} as const satisfies Record<string, AlarmRuleEntry>;

/** A key of {@link ALARM_RULES}. */
export type AlarmRule = keyof typeof ALARM_RULES;
/** Every key of {@link ALARM_RULES}. */
export const ALARM_RULE_NAMES = Object.keys(ALARM_RULES) as [AlarmRule, ...AlarmRule[]];

/** The alarm's sentence in English; of a rule that this version does not know, the rule's name and the subject. */
export function describeAlarm(
  rule: string,
  subject: string,
  parameters: Readonly<Record<string, string | number>>,
): string {
  const known: Readonly<Record<string, AlarmRuleEntry>> = ALARM_RULES;
  const sentence = Object.hasOwn(known, rule) ? known[rule]?.sentence : undefined;
  const values: Readonly<Record<string, string | number>> = { ...parameters, subject };
  return (sentence ?? `${rule}: {subject}`).replace(
    /(?:\b([A-Z]\w+) )?\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g,
    (all, kind: string | undefined, name: string, one?: string, many?: string) => {
      if (!Object.hasOwn(values, name)) return all;
      const value = String(values[name]);
      if (one !== undefined) return (value === "1" ? one : many) ?? "";
      return kind === undefined ? value : called(kind, value);
    },
  );
}
