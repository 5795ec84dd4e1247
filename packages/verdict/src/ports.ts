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
  /** A character a visit, the oldest first: twice the port's place in `ports`, and one more where there was an incident, from "0" on. */
  readonly visits: string;
}

export const NOTHING_LATELY: Lately = { ports: [], visits: "" };

/** Units of the host that ports are compared over. */
const WINDOW = 200;
/** Evidence that names one of k ports: k times this, because one of them always looks worst. */
const NAMED_FROM = 20;
/** Ports of one host with the same boards: any difference is one. */
const ALIKE = 1;

const ZERO = "0".charCodeAt(0);

const codeOf = (place: number, isIncident: boolean): string =>
  String.fromCharCode(ZERO + 2 * place + (isIncident ? 1 : 0));
const placeOf = (visits: string, at: number): number => (visits.charCodeAt(at) - ZERO) >> 1;
const isIncident = (visits: string, at: number): boolean =>
  ((visits.charCodeAt(at) - ZERO) & 1) === 1;

/** With one more visit. */
export function noteLately({ ports, visits }: Lately, visit: Visit): Lately {
  const at = ports.findIndex(({ port, hub }) => port === visit.port && hub === visit.hub);
  const place = at < 0 ? ports.length : at;
  const after = {
    ports: at < 0 ? [...ports, { port: visit.port, hub: visit.hub }] : ports,
    visits: visits.slice(1 - WINDOW) + codeOf(place, visit.incident),
  };
  return visits.length < WINDOW ? after : forgetUnused(after, placeOf(visits, 0));
}

/** Without the port in this place when no visit is left of it; those after it move up. */
function forgetUnused({ ports, visits }: Lately, place: number): Lately {
  if (visits.includes(codeOf(place, false)) || visits.includes(codeOf(place, true)))
    return { ports, visits };
  const moved = Array.from(visits, (_, at) => {
    const before = placeOf(visits, at);
    return codeOf(before > place ? before - 1 : before, isIncident(visits, at));
  });
  return { ports: ports.toSpliced(place, 1), visits: moved.join("") };
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
  (likelihoodRatio(split, OF_ONE.lower, ALIKE) + likelihoodRatio(split, OF_ONE.higher, ALIKE)) / 2;

interface Candidate {
  readonly name: string;
  readonly isOwn: (port: Port) => boolean;
  readonly isSibling: (port: Port) => boolean;
}

function splitOf({ isOwn, isSibling }: Candidate, { ports, visits }: Lately): Split {
  let [n, y, m, c] = [0, 0, 0, 0];
  for (let at = 0; at < visits.length; at += 1) {
    const port = ports[placeOf(visits, at)];
    const incidents = isIncident(visits, at) ? 1 : 0;
    if (port === undefined) continue;
    if (isOwn(port)) {
      n += 1;
      y += incidents;
    } else if (isSibling(port)) {
      m += 1;
      c += incidents;
    }
  }
  return { n, y, m, c };
}

/** The candidate with the most evidence, if that is enough for the worst of all of them. */
function named(
  level: Narrower["level"],
  candidates: readonly Candidate[],
  lately: Lately,
): Narrower | undefined {
  const found = candidates.map((candidate): Narrower => {
    const split = splitOf(candidate, lately);
    return { level, name: candidate.name, e: evidenceOf(split), split };
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
