import {
  type Blame,
  Detector,
  type JudgedLevel,
  type Lesson,
  type NodeState,
  type Visit,
} from "@flashline/verdict";
import type { News } from "./news.repository.ts";
import type { StoredState } from "./state.repository.ts";

/** What one block taught about a group, and what was known then. */
export interface NumberedLesson extends Lesson {
  readonly population: string;
  /** Its number in the row of the group's lessons. */
  readonly number: number;
  /** How many units of the group could be compared so far. */
  readonly compared: number;
  /** Of a host's step of the ladder: what explains it. */
  readonly blame: Blame | null;
}

/** A host of a population. */
export interface HostIn {
  readonly population: string;
  readonly host: string;
}

/** What came of some news. */
export interface Taken {
  readonly lessons: readonly NumberedLesson[];
  /** Of them, what led up or down a ladder, as it is to be told. */
  readonly steps: readonly NumberedLesson[];
  /** Hosts of which something was learned, or that were repaired. */
  readonly touched: readonly HostIn[];
  readonly flags: readonly (HostIn & { readonly raised: boolean })[];
  /** How many visits were counted. */
  readonly visits: number;
  /** When the latest result was received, ms since 1970. */
  readonly at: number;
}

interface Counts {
  lessons: number;
  compared: number;
}

/** A population: all units of a plant that may be compared with each other. */
class Population {
  readonly detector: Detector;
  /** Of groups by level and name. */
  readonly #counts = new Map<string, Counts>();

  constructor(stored?: StoredState) {
    this.detector = new Detector(stored?.state);
    for (const { level, name, lessons, compared } of stored?.counts ?? [])
      this.#counts.set(`${level} ${name}`, { lessons, compared });
  }

  counts(level: JudgedLevel, name: string): Readonly<Counts> {
    return this.#counts.get(`${level} ${name}`) ?? { lessons: 0, compared: 0 };
  }

  /** The counts of the lesson's group with it. */
  count({ level, name, split }: Lesson): Readonly<Counts> {
    const { lessons, compared } = this.counts(level, name);
    const after = { lessons: lessons + 1, compared: compared + (split.m > 0 ? split.n : 0) };
    this.#counts.set(`${level} ${name}`, after);
    return after;
  }

  forget({ level, name }: Pick<NodeState, "level" | "name">): void {
    this.#counts.delete(`${level} ${name}`);
  }
}

/**
 * Of each population a second question is asked, once the first of its units was taken out while it was flashed: where that happens more often than
 * elsewhere. A hub may say so of a unit that a bad controller lost. It leads to WATCH at most.
 */
const TAKEN_OUT = " taken-out";
export const isOfTakenOut = (population: string): boolean => population.endsWith(TAKEN_OUT);
export const takenOutOf = (population: string): string => `${population}${TAKEN_OUT}`;

const isStep = ({ from, to }: Lesson): boolean => from !== to;
const atMostWatch = (rung: Lesson["to"]): Lesson["to"] => (rung === "OK" ? "OK" : "WATCH");

const keyOf = ({ population, host }: HostIn): string => `${population} ${host}`;

/** The detectors of all populations, in memory. They are as the database has them while only their holder writes there. */
export class Populations {
  readonly #all = new Map<string, Population>();

  constructor(stored: ReadonlyMap<string, StoredState> = new Map()) {
    for (const [name, state] of stored) this.#all.set(name, new Population(state));
  }

  names(): readonly string[] {
    return [...this.#all.keys()];
  }

  has(name: string): boolean {
    return this.#all.has(name);
  }

  get(name: string): Population {
    const known = this.#all.get(name) ?? new Population();
    this.#all.set(name, known);
    return known;
  }

  /** Learns from what happened, in this order. `since`: when the latest result before was received, ms since 1970. */
  take(news: readonly News[], since: number): Taken {
    const lessons: NumberedLesson[] = [];
    const steps: NumberedLesson[] = [];
    const touched = new Map<string, HostIn>();
    const flags = new Map<string, HostIn & { readonly raised: boolean }>();
    let at = since;
    let visits = 0;
    for (const one of news) {
      if (one.what === "repair") {
        for (const host of this.#repaired(one.host)) touched.set(keyOf(host), host);
        continue;
      }
      const { population, again, hub, takenOut, ...rest } = one.visit;
      if (again) continue;
      const receivedAt = one.visit.receivedAt.getTime();
      // Two results may be sealed in another order than they were received in. Time does not go back here.
      at = Math.max(at, receivedAt);
      visits += 1;
      const visit: Visit = { ...rest, hub: hub ?? undefined, at, receivedAt };
      const found = this.#receive(population, visit);
      for (const lesson of found.lessons) {
        lessons.push(lesson);
        if (isStep(lesson)) steps.push(lesson);
        if (lesson.level !== "controller") continue;
        const host = { population, host: lesson.name };
        touched.set(keyOf(host), host);
      }
      for (const lesson of this.#takenOut(population, visit, takenOut)) {
        lessons.push(lesson);
        if (lesson.level !== "controller") continue;
        const host = { population, host: lesson.name };
        touched.set(keyOf(host), host);
        const told = { ...lesson, from: atMostWatch(lesson.from), to: atMostWatch(lesson.to) };
        if (isStep(told) && this.#rung(host) === "OK") steps.push(told);
      }
      if (found.flagged === undefined) continue;
      const host = { population, host: visit.host };
      flags.set(keyOf(host), { ...host, raised: found.flagged });
      touched.set(keyOf(host), host);
    }
    return {
      lessons,
      steps,
      touched: [...touched.values()],
      flags: [...flags.values()],
      visits,
      at,
    };
  }

  #rung({ population, host }: HostIn): Lesson["to"] {
    return this.get(population).detector.node("controller", host)?.standing.rung ?? "OK";
  }

  #takenOut(population: string, visit: Visit, incident: boolean): readonly NumberedLesson[] {
    const name = takenOutOf(population);
    if (!incident && !this.has(name)) return [];
    return this.#receive(name, { ...visit, incident }).lessons;
  }

  #receive(population: string, visit: Visit) {
    const into = this.get(population);
    const { lessons, flagged } = into.detector.receive(visit);
    const numbered = lessons.map((lesson): NumberedLesson => {
      const { lessons: number, compared } = into.count(lesson);
      const { level, name, from, to } = lesson;
      const isHostStep = level === "controller" && from !== to && !isOfTakenOut(population);
      const blame = isHostStep ? (into.detector.blame(name) ?? null) : null;
      return { ...lesson, population, number, compared, blame };
    });
    return { lessons: numbered, flagged };
  }

  #repaired(host: string): readonly HostIn[] {
    return [...this.#all].flatMap(([population, { detector }]) => {
      if (detector.host(host) === undefined) return [];
      detector.repaired(host);
      return isOfTakenOut(population) ? [] : { population, host };
    });
  }
}
