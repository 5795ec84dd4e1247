import { z } from "zod";
import { Proportion } from "./common.ts";
import { TRIAL_STATES } from "./pacing.ts";

const count = z.number().int();

/** How far the evidence against something has got. QUARANTINE proposes one: a person or a guard decides. */
export const RUNGS = ["OK", "WATCH", "SUSPECT", "QUARANTINE"] as const;
/** One of {@link RUNGS}. */
export type VerdictRung = (typeof RUNGS)[number];

/** What can be named as the cause of lost links, the narrowest first. */
export const BLAME_LEVELS = ["port", "hub", "controller", "pc", "model", "release"] as const;

/** What explains the lost links of a host: its level, one of {@link BLAME_LEVELS}, and its name within that. */
export const HostBlame = z.object({ level: z.string(), name: z.string() });
export type HostBlame = z.infer<typeof HostBlame>;

/** What is told of the units since the evidence began to grow. */
const shown = {
  incidents: count,
  units: count,
  /** Incidents that were to be expected from the same boards at the same time. */
  expected: z.number(),
  since: z.string(),
};

/** Why a host has the verdict that it has: a key with its parameters. */
export const HostSentence = z.discriminatedUnion("key", [
  /** Too few units that can be compared with those of other hosts. */
  z.object({ key: z.literal("few"), units: count }),
  /** So many were compared, and nothing speaks against the host. */
  z.object({ key: z.literal("calm"), units: count }),
  /** `r`: a healthy host looks this bad less than once in so many units. */
  z.object({ key: z.literal("odd"), ...shown, r: z.number() }),
  /** The same of units that were taken out while they were flashed. Nobody's fault that is known: it is watched. */
  z.object({ key: z.literal("takenOut"), ...shown, r: z.number() }),
  /** A repair was recorded: from `d` of `healed` on it is confirmed. Without `shown` no units of after it were compared yet. */
  z.object({
    key: z.literal("repaired"),
    shown: z.object(shown).nullable(),
    d: z.number(),
    healed: z.number(),
  }),
]);
export type HostSentence = z.infer<typeof HostSentence>;

/** A sentence on the wire: a newer server may know more of them. */
export const HostSentenceOnWire = z.looseObject({ key: z.string() });

/** Units with a link incident through a hub and without one, on the same controller model, where both had the same boards. */
const measured = z
  .object({
    with: Proportion,
    without: Proportion,
    /** Share that a hub saves (above 0) or costs, compared within the same boards, firmware and profile, with its 95 % interval. */
    saves: z.object({ value: z.number(), low: z.number(), high: z.number() }).optional(),
  })
  .nullable();

/** What to do about a host: a key with its parameters. */
export const HostAdvice = z.discriminatedUnion("key", [
  z.object({ key: z.literal("another-hub") }),
  /** `measured` is null where no boards were flashed both ways. */
  z.object({ key: z.literal("hub"), someHaveOne: z.boolean(), measured }),
  z.object({ key: z.literal("other-controller"), controller: z.string() }),
  /**
   * `trial`: how trials of gentler pacing at this controller model ended; null where none was. `saves`: seconds a unit by the one that ended so. Servers of
   * before say `gentle`: units with a link incident, which were not compared.
   */
  z.object({
    key: z.literal("gentle"),
    gentle: Proportion.nullable(),
    trial: z.enum(TRIAL_STATES).nullable().optional(),
    saves: z.number().nullable().optional(),
  }),
]);
export type HostAdvice = z.infer<typeof HostAdvice>;

/** An advice on the wire: a newer server may know more of them. */
export const HostAdviceOnWire = z.looseObject({ key: z.string() });

const figure = (n: number): string => n.toLocaleString("en-US");
const unitsIn = (n: number): string => `${figure(n)} ${n === 1 ? "unit" : "units"}`;
const percent = ({ share }: Proportion): string => `${((share ?? 0) * 100).toFixed(1)} %`;

const SIGNIFICANT = 2;
/** "240,000", "1.9". */
const rounded = (n: number): string =>
  n >= 10
    ? figure(Number(n.toPrecision(SIGNIFICANT)))
    : n.toLocaleString("en-US", { maximumFractionDigits: 1 });

const MONTHS =
  "January February March April May June July August September October November December".split(
    " ",
  );
/** "3 May 2026", of UTC. */
function utcDay(time: string): string {
  const date = new Date(time);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** The sentence in English. `dayOf` says a time as its reader does; UTC's day where it is not given. */
export function describeSentence(sentence: HostSentence, dayOf = utcDay): string {
  type Shown = z.infer<z.ZodObject<typeof shown>>;
  const counted = ({ incidents, units, expected, since }: Shown, what: string) =>
    `${figure(incidents)} of ${unitsIn(units)} ${what} here since ${dayOf(since)}; ${rounded(expected)} expected from the same batches at the same time.`;
  const lost = (told: Shown) => counted(told, "lost the link");
  switch (sentence.key) {
    case "few":
      return sentence.units === 0
        ? "No unit of it could be compared with those of other hosts yet."
        : `Only ${unitsIn(sentence.units)} could be compared with those of other hosts: too few to judge.`;
    case "calm":
      return `${unitsIn(sentence.units)} were compared with those of other hosts from the same batches at the same time: nothing speaks against it.`;
    case "odd":
      return `${lost(sentence)} A healthy host looks this bad less than once in ${rounded(sentence.r)} units.`;
    case "takenOut":
      return `${counted(sentence, `${sentence.incidents === 1 ? "was" : "were"} taken out in mid-work`)} Chance alone does that less than once in ${rounded(sentence.r)} units: it is handling, or the unit's power, or a controller that looks alike.`;
    case "repaired": {
      const { shown: since, d, healed } = sentence;
      const told = since === null ? "No unit of after it was compared yet." : lost(since);
      return `A repair was recorded. ${told} Evidence that it is healthy: ${rounded(d)}; from ${figure(healed)} on it is OK.`;
    }
  }
}

/** What explains a host's lost links, in English; "" where it is the host itself. A host that is OK may be of a PC or a model that is not. */
export function describeBlame(blame: HostBlame): string {
  switch (blame.level) {
    case "port":
      return `Port ${blame.name} alone explains it: the other ports of the host are as good as others.`;
    case "hub":
      return `The hub at ${blame.name} alone explains it.`;
    case "pc":
      return "Several controllers of the same PC lose the link oftener than others: look at the PC.";
    case "model":
      return `Several hosts with the controller model ${blame.name} lose the link oftener than others.`;
    default:
      return "";
  }
}

/** What a host's flag says. It never blames. */
export const FLAG_TEXT =
  "More links are lost here than usual, and its line has too few hosts to tell whether the host or the boards are bad: try the units at another host.";

/** Units that failed at a host and never passed there, and how many of them passed at another one. */
interface Failures {
  readonly failed: number;
  readonly passedElsewhere: number;
}

/** Most units that lose the link pass all the same, after recovery. This tells of those that did not; "" without any. */
export function describeFailures({ failed, passedElsewhere }: Failures): string {
  if (failed === 0) return "";
  const here = `${unitsIn(failed)} failed here`;
  if (failed === 1)
    return `${here} and has ${passedElsewhere === 1 ? "passed elsewhere" : "not passed elsewhere so far"}.`;
  if (passedElsewhere === 0) return `${here}; none of them has passed elsewhere so far.`;
  const some = figure(passedElsewhere);
  return `${here}; ${failed === passedElsewhere ? "all" : some} of them passed elsewhere.`;
}

type AdviceOf<K extends HostAdvice["key"]> = Extract<HostAdvice, { key: K }>;

const points = (share: number): string => (Math.abs(share) * 100).toFixed(1);

function hubText({ someHaveOne, measured: seen }: AdviceOf<"hub">): string {
  const where = someHaveOne ? " on every port" : "";
  const why = "ST AN2606: the bootloader needs about 25 µs between transactions";
  const advice = `Put a USB 2.0 hub in between${where} (${why}).`;
  if (seen === null) return advice;
  const shares = `${percent(seen.with)} of ${unitsIn(seen.with.n)} with, ${percent(seen.without)} of ${unitsIn(seen.without.n)} without`;
  const { saves } = seen;
  if (saves === undefined) return `${advice} Measured here: ${shares}, same controller.`;
  const { value, low, high } = saves;
  const interval = `95 %: ${points(low)} ${low < 0 ? "more" : "fewer"} to ${points(high)} ${high < 0 ? "more" : "fewer"}`;
  const compared = `${points(value)} points ${value < 0 ? "more" : "fewer"} with a hub on the same boards (${interval}; ${shares}), same controller`;
  if (low > 0) return `${advice} It worked here: ${compared}.`;
  if (high < 0) return `A hub in between made it worse here: ${compared}.`;
  return `${advice} Not decided here: ${compared}.`;
}

function gentleText({ gentle, trial, saves }: AdviceOf<"gentle">): string {
  switch (trial) {
    case "gentle":
      return `Leave it to profile gentle: it wins on this controller model${saves == null ? "" : ` by ${rounded(saves)} s a unit`}.`;
    case "running":
      return "Wait for the trial of profile gentle that runs here; it is not decided yet.";
    case "standard":
      return "Profile gentle was tried on this controller model and is not worth it.";
    default:
      return gentle === null
        ? "Else start it with profile gentle; whether that helps this controller is not measured yet."
        : `Else start it with profile gentle: ${percent(gentle)} of ${gentle.n} units with it.`;
  }
}

/** An advice in English. */
export function describeAdvice(advice: HostAdvice): string {
  switch (advice.key) {
    case "another-hub":
      return "The hub in between did not cure it: try another hub, or another cable.";
    case "hub":
      return hubText(advice);
    case "other-controller":
      return `Use a port of the other controller (${advice.controller}).`;
    case "gentle":
      return gentleText(advice);
  }
}

/** What the words of a host's verdict are made of. */
interface Told extends Failures {
  readonly evidence: string;
  readonly sentence: z.infer<typeof HostSentenceOnWire> | null;
  readonly blame: HostBlame | null;
  readonly flagged: boolean;
  readonly advice: readonly string[];
  readonly steps: readonly z.infer<typeof HostAdviceOnWire>[];
}

/** The evidence in this version's words; in the server's where it gave no sentence, or one that this version does not know. */
export function evidenceText(told: Told, dayOf?: (time: string) => string): string {
  const sentence = HostSentence.safeParse(told.sentence);
  const parts = sentence.success
    ? [
        describeSentence(sentence.data, dayOf),
        told.blame === null ? "" : describeBlame(told.blame),
        told.flagged ? FLAG_TEXT : "",
      ]
    : [told.evidence];
  return [...parts, describeFailures(told)].filter((part) => part !== "").join(" ");
}

/** What to do, in this version's words; in the server's for a step that this version does not know. */
export const adviceTexts = ({ steps, advice }: Pick<Told, "steps" | "advice">): string[] =>
  steps.length !== advice.length
    ? [...advice]
    : steps.map((step, at) => {
        const known = HostAdvice.safeParse(step);
        return known.success ? describeAdvice(known.data) : (advice[at] ?? step.key);
      });
