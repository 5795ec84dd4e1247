import { likelihoodRatio, type Split } from "./conditional.ts";
import { OF_ONE } from "./evidence.ts";
import type { Visit } from "./visit.ts";

/** A port of a host, and the hub that it is on. */
interface Port {
  readonly port: string;
  readonly hub: string | undefined;
}

/** The latest visits of a host by port, so many at most. JSON, and short: it is stored with each of them. */
export interface Lately {
  readonly ports: readonly Port[];
  /** Oldest first: twice the port's place in `ports`, and one more where there was an incident. */
  readonly visits: readonly number[];
}

export const NOTHING_LATELY: Lately = { ports: [], visits: [] };

/** Units of the host that ports are compared over. */
const WINDOW = 200;
/** Evidence that names one of k ports: k times this, because one of them always looks worst. */
const NAMED_FROM = 20;
/** Ports of one host with the same boards: any difference is one. */
const ALIKE = 1;

const placeOf = (code: number): number => code >> 1;
const incidentsIn = (codes: readonly number[]): number => codes.filter((code) => code & 1).length;

/** With one more visit. */
export function noteLately({ ports, visits }: Lately, visit: Visit): Lately {
  const at = ports.findIndex(({ port, hub }) => port === visit.port && hub === visit.hub);
  const place = at < 0 ? ports.length : at;
  const after = {
    ports: at < 0 ? [...ports, { port: visit.port, hub: visit.hub }] : ports,
    visits: [...visits.slice(1 - WINDOW), 2 * place + (visit.incident ? 1 : 0)],
  };
  const [oldest] = visits;
  return visits.length < WINDOW || oldest === undefined
    ? after
    : forgetUnused(after, placeOf(oldest));
}

/** Without the port in this place when no visit is left of it; those after it move up. */
function forgetUnused({ ports, visits }: Lately, place: number): Lately {
  if (visits.some((code) => placeOf(code) === place)) return { ports, visits };
  return {
    ports: ports.toSpliced(place, 1),
    visits: visits.map((code) => (placeOf(code) > place ? code - 2 : code)),
  };
}

/** A port or hub that alone explains what its host showed. */
export interface Narrower {
  readonly level: "port" | "hub";
  readonly name: string;
  /** Evidence that it differs from its siblings. */
  readonly e: number;
  readonly split: Split;
}

/** The mean over both odds ratios that a fault is taken to have. */
const evidenceOf = (split: Split): number =>
  OF_ONE.reduce((sum, psi) => sum + likelihoodRatio(split, psi, ALIKE), 0) / OF_ONE.length;

interface Candidate {
  readonly name: string;
  readonly isOwn: (port: Port) => boolean;
  readonly isSibling: (port: Port) => boolean;
}

/** The candidate with the most evidence, if that is enough for the worst of all of them. */
function named(
  level: Narrower["level"],
  candidates: readonly Candidate[],
  lately: Lately,
): Narrower | undefined {
  const codesOf = (is: (port: Port) => boolean) =>
    lately.visits.filter((code) => {
      const port = lately.ports[placeOf(code)];
      return port !== undefined && is(port);
    });
  const found = candidates.map(({ name, isOwn, isSibling }): Narrower => {
    const [own, siblings] = [codesOf(isOwn), codesOf((port) => !isOwn(port) && isSibling(port))];
    const split = {
      ...{ n: own.length, y: incidentsIn(own) },
      ...{ m: siblings.length, c: incidentsIn(siblings) },
    };
    return { level, name, e: evidenceOf(split), split };
  });
  const [worst] = found.toSorted((a, b) => b.e - a.e);
  return worst !== undefined && worst.e >= NAMED_FROM * found.length ? worst : undefined;
}

/**
 * The port, else the hub, that explains the incidents of a host: a port against the others at the same hub, a hub against the rest of the host.
 * To be asked only about a host whose evidence has grown. Undefined: it is the host as a whole, as far as one can tell.
 */
export function narrowerThanHost(lately: Lately): Narrower | undefined {
  const ports = lately.ports.map(
    ({ port, hub }): Candidate => ({
      name: port,
      isOwn: (other) => other.port === port && other.hub === hub,
      isSibling: (other) => other.hub === hub,
    }),
  );
  const hubs = new Set(lately.ports.flatMap(({ hub }) => hub ?? []));
  const ofHubs = [...hubs].map(
    (name): Candidate => ({ name, isOwn: ({ hub }) => hub === name, isSibling: () => true }),
  );
  return named("port", ports, lately) ?? named("hub", ofHubs, lately);
}
