import {
  type HostAdvice,
  HostVerdict,
  type Proportion,
  type TrialState,
} from "@flashline/contract";

/** What a hub in between did on one controller model, on boards that were flashed with and without one. */
export interface HubEffect {
  readonly with: Proportion;
  readonly without: Proportion;
  /** Share of units that it saves (above 0) or costs, with its 95 % interval. */
  readonly saves: { readonly value: number; readonly low: number; readonly high: number };
}

/** How trials of gentler pacing on one controller model ended. */
export interface TrialEnd {
  readonly state: TrialState;
  /** Seconds a unit. */
  readonly saves: number;
}

/** What is known about a host when somebody asks what to do about it. */
export interface AdviceFacts {
  readonly verdict: HostVerdict;
  /** Did its attempts go through a hub? */
  readonly behindHub: "never" | "sometimes" | "always";
  /** On the same controller model, in the whole plant; null where no boards were flashed both ways. */
  readonly hub: HubEffect | null;
  /** Other controllers of the same machine that are not themselves in doubt, as people call them. */
  readonly otherControllers: readonly string[];
  /** Profile that most of its attempts started with. */
  readonly profile: string;
  /** On the same controller model; null where nothing was tried. */
  readonly trial: TrialEnd | null;
}

const NEEDS_ADVICE: readonly HostVerdict[] = [
  HostVerdict.Watch,
  HostVerdict.Suspect,
  HostVerdict.Quarantined,
];

/** What worked on this plant's data comes first, then what nothing is known of, then what is not decided, and last what did not work. */
const RANKS = ["worked", "sound", "unknown", "undecided", "did not work"] as const;

interface Ranked {
  readonly rank: (typeof RANKS)[number];
  readonly advice: HostAdvice;
}

function aboutHub({ behindHub, hub }: AdviceFacts): Ranked {
  if (behindHub === "always") return { rank: "unknown", advice: { key: "another-hub" } };
  const someHaveOne = behindHub === "sometimes";
  const advice = { key: "hub", someHaveOne, measured: hub } as const;
  if (hub === null) return { rank: "unknown", advice };
  const { low, high } = hub.saves;
  return { rank: low > 0 ? "worked" : high < 0 ? "did not work" : "undecided", advice };
}

/** Of a controller that was compared with others and is not in doubt something is known, but not with this host's units. */
const aboutOther = ({ otherControllers: [controller] }: AdviceFacts): readonly Ranked[] =>
  controller === undefined
    ? []
    : [{ rank: "sound", advice: { key: "other-controller", controller } }];

const TRIAL_RANKS = {
  gentle: "worked",
  running: "undecided",
  standard: "did not work",
} as const satisfies Record<TrialState, Ranked["rank"]>;

function aboutPacing({ profile, trial }: AdviceFacts): readonly Ranked[] {
  if (trial === null) {
    if (profile === "gentle" || profile === "crawl") return [];
    return [{ rank: "unknown", advice: { key: "gentle", gentle: null, trial: null, saves: null } }];
  }
  const { state, saves } = trial;
  const advice = { key: "gentle", gentle: null, trial: state, saves } as const;
  return [{ rank: TRIAL_RANKS[state], advice }];
}

/**
 * What to do, in the order of what worked on this plant's data; empty when there is nothing to do. What did not work is told too, last: else somebody
 * tries it again.
 */
export function adviceFor(facts: AdviceFacts): HostAdvice[] {
  if (!NEEDS_ADVICE.includes(facts.verdict)) return [];
  return [aboutHub(facts), ...aboutOther(facts), ...aboutPacing(facts)]
    .toSorted((a, b) => RANKS.indexOf(a.rank) - RANKS.indexOf(b.rank))
    .map(({ advice }) => advice);
}
