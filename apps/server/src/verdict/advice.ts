import { HostVerdict, type Proportion } from "@flashline/contract";

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
const AN2606 = "ST AN2606: the bootloader needs about 25 µs between transactions";

const percent = ({ share }: Proportion) => `${((share ?? 0) * 100).toFixed(1)} %`;
const quotable = ({ n }: Proportion) => n >= LEAST_QUOTED;

function aboutHub(facts: AdviceFacts): string[] {
  const { withHub, withoutHub } = facts;
  if (facts.behindHub === "always") {
    return ["The hub in between did not cure it: try another hub, or another cable."];
  }
  const measured = quotable(withHub) && quotable(withoutHub);
  if (measured && (withHub.share ?? 0) >= (withoutHub.share ?? 0)) return [];
  const figures = measured
    ? ` Measured here: ${percent(withHub)} with, ${percent(withoutHub)} without, same controller.`
    : "";
  const where = facts.behindHub === "sometimes" ? " on every port" : "";
  return [`Put a USB 2.0 hub in between${where} (${AN2606}).${figures}`];
}

function aboutPacing({ profile, gentle, withoutHub }: AdviceFacts): string[] {
  if (profile === "gentle" || profile === "crawl") return [];
  if (!quotable(gentle)) {
    return [
      "Else start it with profile gentle; whether that helps this controller is not measured yet.",
    ];
  }
  if ((gentle.share ?? 0) >= (withoutHub.share ?? 1)) return [];
  return [`Else start it with profile gentle: ${percent(gentle)} of ${gentle.n} units with it.`];
}

/** What to do, the best first; empty when there is nothing to do. Only what holds for this host is said. */
export function adviceFor(facts: AdviceFacts): string[] {
  if (!NEEDS_ADVICE.includes(facts.verdict)) return [];
  const [other] = facts.otherControllers;
  return [
    ...aboutHub(facts),
    ...(other === undefined ? [] : [`Use a port of the other controller (${other}).`]),
    ...aboutPacing(facts),
  ];
}
