import {
  describeAdvice,
  describeSentence,
  type HostAdvice,
  type HostsView,
  type HostVerdict,
  type HostView,
} from "@flashline/contract";
import { controllerName } from "../db/host-names.ts";
import { adviceFor, type HubEffect, proportion, type TrialEnd } from "../verdict/index.ts";
import { windowStart } from "./host-counts.service.ts";
import type { HostCounts, HostsRepository, StoredHost } from "./hosts.repository.ts";

const NOT_COMPARED = { key: "few", units: 0 } as const;

const IN_DOUBT: readonly HostVerdict[] = ["WATCH", "SUSPECT", "QUARANTINED"];

/** What is known of controller models. */
interface Known {
  readonly hubs: ReadonlyMap<string, HubEffect>;
  readonly trials: ReadonlyMap<string, TrialEnd>;
}

function hubUse({ attempts, behindHub }: HostCounts): "never" | "sometimes" | "always" {
  if (behindHub === 0) return "never";
  return behindHub === attempts ? "always" : "sometimes";
}

function adviceOn(host: StoredHost, all: readonly StoredHost[], known: Known): HostAdvice[] {
  const others = all.filter(
    ({ id, machine, verdict }) =>
      id !== host.id && machine === host.machine && !IN_DOUBT.includes(verdict),
  );
  return adviceFor({
    verdict: host.verdict,
    behindHub: hubUse(host.counted),
    hub: known.hubs.get(host.controller) ?? null,
    otherControllers: others.map(({ controller, driver }) => controllerName(controller, driver)),
    profile: host.counted.profile ?? "",
    trial: known.trials.get(host.controller) ?? null,
  });
}

function viewOf(host: StoredHost, all: readonly StoredHost[], known: Known): HostView {
  const { figures, counted } = host;
  // Also of an older version's judgement, which had its own words.
  const isNew = figures === null && host.evidence === "";
  const sentence = figures?.sentence ?? (isNew ? NOT_COMPARED : null);
  const steps = adviceOn(host, all, known);
  return {
    id: host.id,
    name: host.name,
    station: host.station,
    machine: host.machine,
    controller: host.controller,
    controllerName: controllerName(host.controller, host.driver),
    driver: host.driver,
    hubs: [...counted.hubs],
    virtual: host.virtual,
    verdict: host.verdict,
    ...(host.hold === null
      ? {}
      : { hold: { ...host.hold, setAt: new Date(host.hold.setAt).toISOString() } }),
    rung: figures?.rung ?? null,
    sentence,
    evidence: isNew ? describeSentence(NOT_COMPARED) : host.evidence,
    r: figures?.r ?? null,
    d: figures?.d ?? null,
    repaired: figures?.repaired ?? false,
    flagged: figures?.flagged ?? false,
    blame: figures?.blame ?? null,
    steps,
    advice: steps.map(describeAdvice),
    units: counted.units,
    attempts: counted.attempts,
    linkIncidents: proportion(counted.incidents, counted.units),
    expected: counted.expected,
    failed: counted.failed,
    passedElsewhere: counted.passedElsewhere,
    p95Ms: counted.p95Ms,
    since: host.since?.toISOString() ?? null,
  };
}

/** All hosts with their latest verdict as it was when they were counted last, and how controllers fare with and without a hub and by profile. */
export async function hostsNow(
  repository: HostsRepository,
  trials: ReadonlyMap<string, TrialEnd>,
): Promise<HostsView> {
  const counted = await repository.cells();
  const at = counted?.at ?? new Date();
  const from = windowStart(at);
  const cells = counted?.cells ?? [];
  const hosts = await repository.hosts(from);
  const effects = await repository.hubEffects();
  const hubs = new Map(effects.map(({ controller, ...effect }) => [controller, effect]));
  const known = { hubs, trials };
  return {
    asOf: at.toISOString(),
    from: from.toISOString(),
    hosts: hosts.map((host) => viewOf(host, hosts, known)),
    byController: cells.map(({ controller, driver, behindHub, profile, units, incidents }) => ({
      controller,
      controllerName: controllerName(controller, driver),
      behindHub,
      profile,
      linkIncidents: proportion(incidents, units),
    })),
  };
}
