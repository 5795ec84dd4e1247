import { type HostAdvice, HostVerdict, type Proportion } from "@flashline/contract";

/** What is known about a host when somebody asks what to do about it. */
export interface AdviceFacts {
  readonly verdict: HostVerdict;
  /** Did its attempts go through a hub? */
  readonly behindHub: "never" | "sometimes" | "always";
  /** Units with a link incident on the same controller model, in the whole plant. */
  readonly withHub: Proportion;
  readonly withoutHub: Proportion;
  /** Other controllers of the same machine that are not themselves in doubt, as people call them. */
  readonly otherControllers: readonly string[];
  /** Profile that most of its attempts started with. */
  readonly profile: string;
  /** Units with a link incident on the same controller model that started with profile gentle. */
  readonly gentle: Proportion;
}

const NEEDS_ADVICE: readonly HostVerdict[] = [
  HostVerdict.Watch,
  HostVerdict.Suspect,
  HostVerdict.Quarantined,
];
/** Below this many units a share is not quoted. */
const LEAST_QUOTED = 20;

const quotable = ({ n }: Proportion) => n >= LEAST_QUOTED;

function aboutHub({ behindHub, withHub, withoutHub }: AdviceFacts): HostAdvice[] {
  if (behindHub === "always") return [{ key: "another-hub" }];
  const known = quotable(withHub) && quotable(withoutHub);
  if (known && (withHub.share ?? 0) >= (withoutHub.share ?? 0)) return [];
  const measured = known ? { with: withHub, without: withoutHub } : null;
  return [{ key: "hub", someHaveOne: behindHub === "sometimes", measured }];
}

function aboutPacing({ profile, gentle, withoutHub }: AdviceFacts): HostAdvice[] {
  if (profile === "gentle" || profile === "crawl") return [];
  if (!quotable(gentle)) return [{ key: "gentle", gentle: null }];
  return (gentle.share ?? 0) >= (withoutHub.share ?? 1) ? [] : [{ key: "gentle", gentle }];
}

/** What to do, the best first; empty when there is nothing to do. Only what holds for this host is said. */
export function adviceFor(facts: AdviceFacts): HostAdvice[] {
  if (!NEEDS_ADVICE.includes(facts.verdict)) return [];
  const [controller] = facts.otherControllers;
  return [
    ...aboutHub(facts),
    ...(controller === undefined ? [] : [{ key: "other-controller" as const, controller }]),
    ...aboutPacing(facts),
  ];
}
