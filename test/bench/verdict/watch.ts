import type { Rung } from "@flashline/verdict";
import type { Method, Move } from "./methods.ts";
import { type HostFault, modelName, type PlantOptions, type PlantVisit } from "./plant.ts";
import type { Simulator } from "./simulators.ts";

const LADDER = ["OK", "WATCH", "SUSPECT", "QUARANTINE"] as const;
/** A rung above OK. */
export type Onset = Exclude<Rung, "OK">;
export const ONSETS: readonly Onset[] = ["WATCH", "SUSPECT", "QUARANTINE"];

/** What became of one fault under one method. */
export interface FaultStory {
  /** Units of its hosts since it began. */
  units: number;
  /** Of those, when the first of its hosts reached a rung, and when all had. */
  readonly first: Partial<Record<Onset, number>>;
  readonly all: Partial<Record<Onset, number>>;
  /** When the controller model of its first host was SUSPECT or beyond, so that it is blamed. */
  model: number | undefined;
  /** The level that was blamed when a quarantine of a host was first proposed. */
  blame: string | undefined;
  /** A host of it was let down to OK while it lasted. */
  isClearedWhileBad: boolean;
  /** Units of its hosts after it ended, and of those when the last of them was OK again. */
  after: number;
  cleared: number | undefined;
}

/** What one method made of plants. */
export interface Watched {
  readonly stories: readonly FaultStory[];
  /** Units of hosts that had no fault, and rungs that they reached. */
  units: number;
  readonly onsets: Record<Onset, number>;
}

export interface WatchOptions extends Pick<Simulator, "plantOf"> {
  /** Repairs are recorded when a fault ends; else nobody says so. */
  readonly areRepairsRecorded: boolean;
}

const rungsBetween = (from: Rung, to: Rung): readonly Onset[] =>
  ONSETS.filter(
    (rung) =>
      LADDER.indexOf(rung) > LADDER.indexOf(from) && LADDER.indexOf(rung) <= LADDER.indexOf(to),
  );

/** Follows one method through one plant. */
class Watcher {
  readonly #method: Method;
  readonly #plant: PlantOptions;
  readonly #faults: readonly HostFault[];
  readonly #isRecorded: boolean;
  readonly #rungs = new Map<string, Rung>();
  readonly watched: Watched;
  /** Faults that have ended. */
  #ended = 0;

  constructor(method: Method, plant: PlantOptions, { areRepairsRecorded }: WatchOptions) {
    const { faults = [] } = plant;
    this.#method = method;
    this.#plant = plant;
    this.#faults = faults;
    this.#isRecorded = areRepairsRecorded;
    this.watched = {
      stories: faults.map(() => ({
        units: 0,
        after: 0,
        first: {},
        all: {},
        isClearedWhileBad: false,
        model: undefined,
        blame: undefined,
        cleared: undefined,
      })),
      units: 0,
      onsets: { WATCH: 0, SUSPECT: 0, QUARANTINE: 0 },
    };
  }

  receive(visit: PlantVisit): void {
    this.#end(visit.day);
    // Later faults of a host replace earlier ones.
    const at = this.#faults.findLastIndex(
      ({ hosts, fromDay }) => visit.day >= fromDay && hosts.includes(visit.index),
    );
    const story = this.watched.stories[at];
    const isBad = story !== undefined && visit.day < (this.#faults[at]?.toDay ?? 0);
    if (isBad) story.units += 1;
    else if (story !== undefined) story.after += 1;
    else this.watched.units += 1;
    for (const move of this.#method.receive(visit)) this.#note(move, visit.day);
  }

  #end(day: number): void {
    const fault = this.#faults[this.#ended];
    if (fault === undefined || day < fault.toDay) return;
    this.#ended += 1;
    if (this.#isRecorded) for (const host of fault.hosts) this.#method.repaired(`host ${host}`);
  }

  #note({ level, name, from, to }: Move, day: number): void {
    if (level === "model") this.#noteModel(name, to, day);
    else this.#noteHost(name, from, to, day);
  }

  #noteHost(name: string, from: Rung, to: Rung, day: number): void {
    this.#rungs.set(name, to);
    const index = Number(name.slice("host ".length));
    const at = this.#faults.findLastIndex(
      ({ hosts, fromDay }) => day >= fromDay && hosts.includes(index),
    );
    const [fault, story] = [this.#faults[at], this.watched.stories[at]];
    if (fault === undefined || story === undefined) {
      for (const rung of rungsBetween(from, to)) this.watched.onsets[rung] += 1;
    } else if (day >= fault.toDay) {
      if (to === "OK") story.cleared ??= story.after;
    } else if (to === "OK" && from !== "WATCH") {
      story.isClearedWhileBad = true;
    } else {
      for (const rung of rungsBetween(from, to)) this.#reach(rung, fault, story);
      if (to === "QUARANTINE") story.blame ??= this.#method.blame(name);
    }
  }

  #reach(rung: Onset, { hosts }: HostFault, story: FaultStory): void {
    story.first[rung] ??= story.units;
    const reached = hosts.every((host) => {
      const of = this.#rungs.get(`host ${host}`) ?? "OK";
      return LADDER.indexOf(of) >= LADDER.indexOf(rung);
    });
    if (reached) story.all[rung] ??= story.units;
  }

  #noteModel(name: string, to: Rung, day: number): void {
    const at = this.#faults.findIndex(({ fromDay, toDay }) => day >= fromDay && day < toDay);
    const story = this.watched.stories[at];
    const isOfFault = name === modelName(this.#faults[at]?.hosts[0] ?? 0, this.#plant);
    const isBlamed = to === "SUSPECT" || to === "QUARANTINE";
    if (isBlamed && story !== undefined && isOfFault) story.model ??= story.units;
  }
}

/** What the methods make of the same plant. */
export function watch(
  plant: PlantOptions,
  methods: readonly (() => Method)[],
  options: WatchOptions,
): readonly Watched[] {
  const watchers = methods.map((method) => new Watcher(method(), plant, options));
  for (const visit of options.plantOf(plant))
    for (const watcher of watchers) watcher.receive(visit);
  return watchers.map(({ watched }) => watched);
}
