import { Detector, type Rung } from "@flashline/verdict";
import type { PlantVisit } from "./plant.ts";

/** A rung that a host, or a controller model, reached or was let down from. */
export interface Move {
  readonly level: "host" | "model";
  readonly name: string;
  readonly from: Rung;
  readonly to: Rung;
}

/** Something that judges hosts as visits come in. */
export interface Method {
  receive(visit: PlantVisit): readonly Move[];
  /** A repair of the host was recorded. */
  repaired(host: string): void;
  /** The level that is blamed for what the host shows; undefined: none, or the method knows none. */
  blame(host: string): string | undefined;
}

const NOTHING: readonly Move[] = [];

/** The detector of this repository. */
export function eDetector(): Method {
  const detector = new Detector();
  return {
    receive(visit) {
      const { lessons } = detector.receive(visit);
      if (lessons.length === 0) return NOTHING;
      return lessons.flatMap(({ level, name, from, to }): Move[] => {
        if (from === to || (level !== "controller" && level !== "model")) return [];
        return [{ level: level === "model" ? "model" : "host", name, from, to }];
      });
    },
    repaired: (host) => detector.repaired(host),
    blame: (host) => detector.blame(host)?.level,
  };
}

/** Odds ratio that the cumulative sum looks for. */
const PSI = 5;
/** About as many false alarms in an ideal plant as SUSPECT has. */
const ALARM = 11;
/** Units after which the plant's rate forgets. */
const SCALE = 20_000;

/** A cumulative sum for each host against the plant's running rate (Page 1954). It knows no strata, and only SUSPECT. */
export function cusum(): Method {
  const sums = new Map<string, number>();
  let rate = 0.02;
  return {
    receive({ host, incident }) {
      const bad = (PSI * rate) / (1 - rate + PSI * rate);
      const before = sums.get(host) ?? 0;
      const step = Math.log(incident ? bad / rate : (1 - bad) / (1 - rate));
      const after = Math.max(0, before + step);
      sums.set(host, after);
      rate += ((incident ? 1 : 0) - rate) / SCALE;
      if (before >= ALARM || after < ALARM) return NOTHING;
      return [{ level: "host", name: host, from: "OK", to: "SUSPECT" }];
    },
    repaired: (host) => void sums.delete(host),
    blame: () => undefined,
  };
}

/** The flag of hosts of short lines. It knows only raised, here SUSPECT, and not. */
export function lineFlag(): Method {
  const detector = new Detector();
  return {
    receive(visit) {
      const { flagged } = detector.receive(visit);
      if (flagged === undefined) return NOTHING;
      const [from, to]: [Rung, Rung] = flagged ? ["OK", "SUSPECT"] : ["SUSPECT", "OK"];
      return [{ level: "host", name: visit.host, from, to }];
    },
    repaired: (host) => detector.repaired(host),
    blame: () => undefined,
  };
}
