import {
  describeAdvice,
  type HostAdvice,
  type HostsView,
  type HostVerdict,
  type HostView,
} from "@flashline/contract";
import { adviceFor, proportion } from "../verdict/index.ts";
import { controllerName } from "./host-names.ts";
import type { Cell, HostCounts, HostsRepository, StoredHost } from "./hosts.repository.ts";
import { windowStart } from "./judge.service.ts";

const IN_DOUBT: readonly HostVerdict[] = ["WATCH", "SUSPECT", "QUARANTINED"];

function shareOf(cells: readonly Cell[]) {
  const sum = (pick: (cell: Cell) => number) => cells.reduce((total, c) => total + pick(c), 0);
  return proportion(
    sum(({ incidents }) => incidents),
    sum(({ units }) => units),
  );
}

function hubUse({ attempts, behindHub }: HostCounts): "never" | "sometimes" | "always" {
  if (behindHub === 0) return "never";
  return behindHub === attempts ? "always" : "sometimes";
}

function adviceOn(
  host: StoredHost,
  all: readonly StoredHost[],
  cells: readonly Cell[],
): HostAdvice[] {
  const same = cells.filter(({ controller }) => controller === host.controller);
  const others = all.filter(
    ({ id, machine, verdict }) =>
      id !== host.id && machine === host.machine && !IN_DOUBT.includes(verdict),
  );
  return adviceFor({
    verdict: host.verdict,
    behindHub: hubUse(host.counted),
    withHub: shareOf(same.filter(({ behindHub }) => behindHub)),
    withoutHub: shareOf(same.filter(({ behindHub }) => !behindHub)),
    otherControllers: others.map(({ controller, driver }) => controllerName(controller, driver)),
    profile: host.counted.profile ?? "",
    gentle: shareOf(same.filter(({ profile }) => profile === "gentle")),
  });
}

function viewOf(host: StoredHost, all: readonly StoredHost[], cells: readonly Cell[]): HostView {
  const { statistics, counted } = host;
  // The sentence and its figures are of one judgement; a host that was not judged yet has only what is counted now.
  const { units = counted.units, incidents = counted.incidents } = statistics;
  const steps = adviceOn(host, all, cells);
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
    grounds: statistics.grounds ?? null,
    evidence: host.evidence,
    steps,
    advice: steps.map(describeAdvice),
    units,
    attempts: counted.attempts,
    linkIncidents: proportion(incidents, units),
    expected: statistics.expected ?? null,
    pValue: statistics.pValue ?? null,
    adjustedP: statistics.adjustedP ?? null,
    strata: statistics.strata ?? 0,
    failed: statistics.failed ?? 0,
    passedElsewhere: statistics.passedElsewhere ?? 0,
    p95Ms: counted.p95Ms,
    since: host.since?.toISOString() ?? null,
  };
}

/** All hosts with their latest verdict as it was when they were counted last, and how controllers fare with and without a hub and by profile. */
export async function hostsNow(repository: HostsRepository): Promise<HostsView> {
  const counted = await repository.cells();
  const at = counted?.at ?? new Date();
  const from = windowStart(at);
  const cells = counted?.cells ?? [];
  const hosts = await repository.hosts(from);
  return {
    asOf: at.toISOString(),
    from: from.toISOString(),
    hosts: hosts.map((host) => viewOf(host, hosts, cells)),
    byController: cells.map(({ controller, driver, behindHub, profile, units, incidents }) => ({
      controller,
      controllerName: controllerName(controller, driver),
      behindHub,
      profile,
      linkIncidents: proportion(incidents, units),
    })),
  };
}
