import type { HostSentence } from "@flashline/contract";
import { faultEvidence, LIMITS, type NodeState, type Since } from "@flashline/verdict";
import type { HostFigures } from "../verdict/index.ts";
import { type Populations, takenOutOf } from "./populations.ts";

type Told = Pick<NodeState, "standing" | "since">;

/** Fewer compared units than this say nothing. */
const LEAST_UNITS = 20;

const shownOf = ({ incidents, units, expected, at }: Since) => ({
  incidents,
  units,
  expected,
  since: new Date(at).toISOString(),
});

/** Why a host is watched whose units are taken out oftener than others'; undefined where they are not. */
export function takenOutSentence({ standing, since }: Told): HostSentence | undefined {
  if (standing.rung === "OK" || since === undefined) return undefined;
  return { key: "takenOut", ...shownOf(since), r: faultEvidence(standing.evidence) };
}

/** Why a group is where it is. `compared`: how many units of it could be compared so far. */
export function sentenceOf({ standing, since }: NodeState, compared: number): HostSentence {
  const { rung, evidence, isRepaired } = standing;
  if (isRepaired) {
    const shown = since === undefined ? null : shownOf(since);
    return { key: "repaired", shown, d: evidence.d, healed: LIMITS.healedAfterRepair };
  }
  if (rung !== "OK" && since !== undefined)
    return { key: "odd", ...shownOf(since), r: faultEvidence(evidence) };
  return { key: compared < LEAST_UNITS ? "few" : "calm", units: compared };
}

/** What is published of a host; undefined where no block with units of it has closed. */
export function figuresOf(
  populations: Populations,
  population: string,
  host: string,
): HostFigures | undefined {
  const one = populations.get(population);
  const { detector } = one;
  const node = detector.node("controller", host);
  const flagged = detector.host(host)?.flag.isRaised ?? false;
  if (node === undefined) {
    if (!flagged) return undefined;
    const sentence = { key: "few", units: 0 } as const;
    return { rung: "OK", sentence, r: 0, d: 0, repaired: false, flagged, blame: null };
  }
  const { rung, evidence, isRepaired } = node.standing;
  const watched = rung === "OK" ? watchedFor(populations, population, host) : undefined;
  return {
    rung: watched === undefined ? rung : "WATCH",
    sentence: watched ?? sentenceOf(node, one.counts("controller", host).compared),
    r: faultEvidence(evidence),
    d: evidence.d,
    repaired: isRepaired,
    flagged,
    blame: detector.blame(host) ?? null,
  };
}

function watchedFor(populations: Populations, population: string, host: string) {
  const name = takenOutOf(population);
  if (!populations.has(name)) return undefined;
  const node = populations.get(name).detector.node("controller", host);
  return node && takenOutSentence(node);
}

/** The rung in one word, as a column has it. */
export function verdictOf({ rung, sentence }: HostFigures): string {
  if (rung === "QUARANTINE") return "SUSPECT";
  return rung === "OK" && sentence.key === "few" ? "NOT_ENOUGH_DATA" : rung;
}
