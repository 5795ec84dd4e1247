import {
  describeBlame,
  describeSentence,
  HostSentence,
  type VerdictEntry,
} from "@flashline/contract";

/** R grows no further. */
export const TOP_R = 1e9;
/** The chart ends here: what lies above is told in words. */
const DRAWN_TO = 1e7;

/** Where R is drawn: 0 at 1 and below, 1 at the chart's upper end, by its logarithm. */
export const heightOf = (r: number): number =>
  Math.log10(Math.min(DRAWN_TO, Math.max(1, r))) / Math.log10(DRAWN_TO);

const LEVELS: Readonly<Record<string, string>> = {
  pc: "the PC",
  model: "the controller model",
  release: "the release",
};
const REPAIRED: Readonly<Record<string, string>> = {
  cable: "Cable repaired or swapped",
  port: "Port repaired or swapped",
  hub: "Hub repaired or swapped",
  controller: "Controller repaired or swapped",
};
const DEEDS: Readonly<Record<string, string>> = {
  quarantined: "Quarantined",
  cleared: "Quarantine lifted",
  flagged: "Flagged: host or boards, cannot tell",
  unflagged: "Flag lowered",
};

/** What an entry of a host's history says. */
export function sayEntry({ what, level, name, from, to }: VerdictEntry): string {
  if (what === "repaired") return REPAIRED[name] ?? "Repaired";
  if (what !== "step") return DEEDS[what] ?? what;
  const of = LEVELS[level];
  const proposed = to === "QUARANTINE" ? "quarantine proposed" : (to ?? "");
  return of === undefined ? `${from} → ${proposed}` : `${from} → ${proposed}, ${of} ${name}`;
}

/** Why: a person's reason, or the frozen evidence in this version's words. */
export function sayWhy(
  { reason, evidence }: VerdictEntry,
  dayOf: (time: string) => string,
): string {
  if (evidence === null) return reason ?? "";
  const sentence = HostSentence.safeParse(evidence.sentence);
  const why = sentence.success ? describeSentence(sentence.data, dayOf) : "";
  const blame = evidence.blame === null ? "" : describeBlame(evidence.blame);
  return [why, blame].filter((part) => part !== "").join(" ");
}
