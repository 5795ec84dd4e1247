import type { Visit } from "../visit.ts";

const MINUTE_MS = 60_000;

/** Visits one a minute from a start on, each like the one before but for what is given. */
export function visitMaker(from = 0): (like: Partial<Visit>) => Visit {
  let made = 0;
  return (like) => {
    made += 1;
    const host = like.host ?? "host 1";
    return {
      stratum: "1.0 batch A",
      line: "line 1",
      pc: `pc of ${host}`,
      host,
      model: "1b21:3042",
      port: "1",
      unit: `unit ${made}`,
      incident: false,
      at: from + made * MINUTE_MS,
      ...like,
    };
  };
}

/** What becomes of the k-th unit that a host works on, from 1. */
type Fate = (k: number) => boolean;
export const never: Fate = () => false;
/** Every so manieth unit has an incident, the first of them at `from`. */
export const every =
  (step: number, from = step): Fate =>
  (k) =>
    k >= from && (k - from) % step === 0;

/** Hosts in turn, so many units each; `like` says more of a host's k-th visit. */
export function* turns(
  make: (like: Partial<Visit>) => Visit,
  hosts: Readonly<Record<string, Fate>>,
  units: number,
  like: (host: string, k: number) => Partial<Visit> = () => ({}),
): Generator<Visit> {
  for (let k = 1; k <= units; k += 1) {
    for (const [host, fate] of Object.entries(hosts)) {
      yield make({ host, incident: fate(k), ...like(host, k) });
    }
  }
}
