import { quantile } from "../server/figures.ts";
import { methodBefore } from "./before/method.ts";
import { cusum, eDetector, lineFlag, type Method } from "./methods.ts";
import { type HostFault, IDEAL, type PlantOptions, REAL, type Spread } from "./plant.ts";
import {
  ALLOWED,
  delayRow,
  NEVER,
  number,
  pair,
  pairOf,
  percent,
  shareRow,
  type VerdictRow,
} from "./rows.ts";
import type { Simulator } from "./simulators.ts";
import { type FaultStory, ONSETS, type Onset, type Watched, watch } from "./watch.ts";

/** Some lines that are measured together. `seeds`: how many plants of each kind, the first of them from seed `first`. */
export interface VerdictCase {
  readonly name: string;
  readonly measure: (simulator: Simulator, seeds: number, first: number) => readonly VerdictRow[];
}

const SPREADS: readonly (readonly [string, Spread])[] = [
  ["ideal", IDEAL],
  ["real", REAL],
];
const HISTORY = 14;
/** Each plant under each method, and what each method made of all of them. */
function all(
  { plantOf }: Simulator,
  plants: readonly PlantOptions[],
  methods: readonly (() => Method)[],
  areRepairsRecorded = true,
): readonly Watched[][] {
  const each = plants.map((plant) => watch(plant, methods, { plantOf, areRepairsRecorded }));
  return methods.map((_, at) => each.flatMap((watched) => watched[at] ?? []));
}

const seedsFrom = (first: number, seeds: number): readonly number[] =>
  Array.from({ length: seeds }, (_, at) => first + at);
const storiesOf = (watched: readonly Watched[] | undefined): readonly FaultStory[] =>
  (watched ?? []).flatMap(({ stories }) => stories);

/** One fault after the other, each at a host of another model. */
function oneByOne(
  count: number,
  fromDay: number,
  days: number,
  fault: Partial<HostFault>,
  hosts = 50,
) {
  return Array.from({ length: count }, (_, k): HostFault => {
    const host = (k * 5 + Math.floor((k * 5) / hosts)) % hosts;
    const from = fromDay + k * days;
    return { hosts: [host], fromDay: from, toDay: from + days, ...fault };
  });
}
const lastDay = (faults: readonly HostFault[]): number =>
  Math.max(...faults.map(({ toDay }) => toDay));

const FALSE_LIMITS: Readonly<Record<string, Record<Onset, number>>> = {
  ideal: { WATCH: 3, SUSPECT: 0.3, QUARANTINE: 0.1 },
  real: { WATCH: 10, SUSPECT: 1.5, QUARANTINE: 0.3 },
};
const QUIET_DAYS = 40;

/** Rungs that healthy hosts reach. */
const quiet: VerdictCase = {
  name: "nothing broken",
  measure: (simulator, seeds, first) =>
    SPREADS.flatMap(([plant, spread]) => {
      const plants = seedsFrom(first, seeds).map((seed) => ({
        seed,
        hosts: 50,
        days: QUIET_DAYS,
        spread,
      }));
      const [detector = [], sums = []] = all(simulator, plants, [eDetector, cusum]);
      const units = detector.reduce((sum, one) => sum + one.units, 0);
      const rate = (watched: readonly Watched[], rung: Onset) =>
        (1e5 * watched.reduce((sum, { onsets }) => sum + onsets[rung], 0)) / units;
      return ONSETS.map((rung): VerdictRow => {
        const [found, limit] = [rate(detector, rung), FALSE_LIMITS[plant]?.[rung] ?? 0];
        return {
          plant,
          what: `nothing broken: ${rung} in 100,000 units`,
          of: `${(units / 1e6).toFixed(1)} million units`,
          detector: found.toFixed(2),
          target: `≤ ${limit}`,
          isMet: found <= limit * ALLOWED,
          cusum: rung === "SUSPECT" ? rate(sums, rung).toFixed(2) : "",
          before: "",
        };
      });
    }),
};

const HOST_FAULTS = [
  {
    rate: 0.1,
    days: 2.5,
    limits: { WATCH: undefined, SUSPECT: [160, 300], QUARANTINE: [210, 350] },
  },
  { rate: 0.3, days: 0.7, limits: { WATCH: undefined, SUSPECT: [30, 46], QUARANTINE: [38, 56] } },
] as const;
/** Faults for which the method of before is asked too: each plant has one, with its history. */
const ASKED_BEFORE = 3;

/** What the method of before needs until SUSPECT. */
function delayBefore(simulator: Simulator, spread: Spread, rate: number, first: number): string {
  const plants = seedsFrom(first, ASKED_BEFORE).map((seed): PlantOptions => {
    const faults = [{ hosts: [0], rate, fromDay: HISTORY, toDay: HISTORY + 5 }];
    return { seed, hosts: 50, days: HISTORY + 5, spread, faults };
  });
  const [before] = all(simulator, plants, [() => methodBefore(HISTORY)]);
  return number(
    quantile(
      storiesOf(before).map(({ first: at }) => at.SUSPECT ?? NEVER),
      0.5,
    ),
  );
}

/** One bad host among fifty. */
const oneHost: VerdictCase = {
  name: "one bad host",
  measure: (simulator, seeds, first) =>
    SPREADS.flatMap(([plant, spread]) =>
      HOST_FAULTS.flatMap(({ rate, days, limits }) => {
        const faults = oneByOne(50, HISTORY, days, { rate });
        const plants = seedsFrom(first, seeds).map((seed): PlantOptions => {
          return { seed, hosts: 50, days: lastDay(faults), spread, faults, hostsOfModel: 5 };
        });
        const [detector, sums] = all(simulator, plants, [eDetector, cusum]);
        const stories = storiesOf(detector);
        const what = `host at ${100 * rate} %`;
        const beside = {
          cusum: pair(pairOf(storiesOf(sums).map((story) => story.first.SUSPECT))),
          before: plant === "real" ? delayBefore(simulator, spread, rate, first) : "",
        };
        const proposed = stories.filter(({ blame }) => blame !== undefined);
        const count = (level: string) => proposed.filter(({ blame }) => blame === level).length;
        return [
          ...ONSETS.map((rung) =>
            delayRow(
              { plant, what: `${what}: ${rung}` },
              stories.map((story) => story.first[rung]),
              limits[rung],
              rung === "SUSPECT" ? beside : {},
            ),
          ),
          shareRow(
            { plant, what: `${what}: its port is blamed` },
            [count("port"), proposed.length],
            { atMost: 2 },
          ),
          shareRow(
            { plant, what: `${what}: its model is blamed` },
            [stories.filter(({ model }) => model !== undefined).length, stories.length],
            { atMost: 2 },
          ),
        ];
      }),
    ),
};

/** The same where fewer hosts share an order: there is less to compare with. */
const fewShare: VerdictCase = {
  name: "orders of five hosts",
  measure(simulator, seeds, first) {
    const faults = oneByOne(50, HISTORY, 0.7, { rate: 0.3 });
    const plants = seedsFrom(first, seeds).map((seed): PlantOptions => {
      return { seed, hosts: 50, days: lastDay(faults), spread: REAL, faults, hostsOfOrder: 5 };
    });
    const [detector] = all(simulator, plants, [eDetector]);
    const units = storiesOf(detector).map((story) => story.first.SUSPECT);
    const what = "five hosts an order, host at 30 %: SUSPECT";
    return [delayRow({ plant: "real", what }, units, undefined)];
  },
};

const SINGLES = 12;

/** The same host with two days of history and with fourteen. */
const history: VerdictCase = {
  name: "history",
  measure(simulator, seeds, first) {
    const medianAfter = (fromDay: number) => {
      const faults = [{ hosts: [0], rate: 0.1, fromDay, toDay: fromDay + 2.5 }];
      const plants = seedsFrom(first, SINGLES * seeds).map((seed): PlantOptions => {
        return { seed, hosts: 20, days: lastDay(faults), spread: REAL, faults };
      });
      const [detector] = all(simulator, plants, [eDetector]);
      return pairOf(storiesOf(detector).map((story) => story.first.SUSPECT))[0];
    };
    const [young, old] = [medianAfter(2), medianAfter(HISTORY)];
    return [
      {
        plant: "real",
        what: "20 hosts, one at 10 %: SUSPECT after 14 days of health, by that after 2",
        of: `${SINGLES * seeds} faults each`,
        detector: `${number(old)} / ${number(young)} = ${(old / young).toFixed(2)}`,
        target: "≤ 1.3",
        isMet: old / young <= 1.3 * ALLOWED,
        cusum: "",
        before: "",
      },
    ];
  },
};

/** A batch of bad boards, most of which one innocent host works off. */
const badBatch: VerdictCase = {
  name: "bad batch",
  measure: (simulator, seeds, first) =>
    [0.15, 0.3].map((rate) => {
      const watched = oneByOne(25, 2, simulator.batchDays, {});
      const batches = watched.map(({ hosts: [host = 0], fromDay }) => ({ host, rate, fromDay }));
      const plants = seedsFrom(first, seeds).map((seed): PlantOptions => {
        return { seed, hosts: 50, days: lastDay(watched), spread: REAL, faults: watched, batches };
      });
      const [detector, sums] = all(simulator, plants, [eDetector, cusum], false);
      const blamed = (stories: readonly FaultStory[]): [number, number] => [
        stories.filter((story) => story.first.SUSPECT !== undefined).length,
        stories.length,
      ];
      const what = `batch at ${100 * rate} %: its host is SUSPECT`;
      return shareRow(
        { plant: "real", what },
        blamed(storiesOf(detector)),
        { atMost: 1 },
        {
          cusum: percent(...blamed(storiesOf(sums))),
        },
      );
    }),
};

/** Two bad hosts of three. */
const twoOfThree: VerdictCase = {
  name: "two of three",
  measure(simulator, seeds, first) {
    const faults = [{ hosts: [0, 1], rate: 0.3, fromDay: HISTORY, toDay: HISTORY + 3 }];
    const plants = seedsFrom(first, 2 * SINGLES * seeds).map((seed): PlantOptions => {
      return { seed, hosts: 3, days: HISTORY + 3, spread: REAL, faults };
    });
    const [detector] = all(simulator, plants, [eDetector]);
    const both = storiesOf(detector).map((story) => (story.all.SUSPECT ?? NEVER) / 2);
    return [
      delayRow({ plant: "real", what: "3 hosts, 2 at 30 %: both SUSPECT" }, both, [130, 350]),
    ];
  },
};

/** All five hosts of a model. */
const oneModel: VerdictCase = {
  name: "one model",
  measure: (simulator, seeds, first) =>
    (
      [
        [0.15, 0.5, [100, 150]],
        [0.08, 1.2, [260, 520]],
      ] as const
    ).map(([rate, days, limit]) => {
      const faults = Array.from({ length: 10 }, (_, k): HostFault => {
        const hosts = [0, 1, 2, 3, 4].map((at) => 5 * k + at);
        return { hosts, rate, fromDay: HISTORY + k * days, toDay: HISTORY + (k + 1) * days };
      });
      const plants = seedsFrom(first, 5 * seeds).map((seed): PlantOptions => {
        return { seed, hosts: 50, days: lastDay(faults), spread: REAL, faults, hostsOfModel: 5 };
      });
      const [detector] = all(simulator, plants, [eDetector]);
      const units = storiesOf(detector).map(({ model }) => model);
      const what = `model of 5 hosts at ${100 * rate} %: blamed, units together`;
      return delayRow({ plant: "real", what }, units, limit);
    }),
};

/** One bad port of four. */
const onePort: VerdictCase = {
  name: "one port",
  measure: (simulator, seeds, first) =>
    (
      [
        ["at once", {}, 2.5, 95],
        ["over two days", { rampDays: 2 }, 4, 85],
      ] as const
    ).map(([how, ramp, days, atLeast]) => {
      const faults = oneByOne(20, HISTORY, days, { rate: 0.4, port: 2, ...ramp }, 20);
      const plants = seedsFrom(first, 2 * seeds).map((seed): PlantOptions => {
        return { seed, hosts: 20, days: lastDay(faults), spread: REAL, faults };
      });
      const [detector] = all(simulator, plants, [eDetector]);
      const blames = storiesOf(detector).flatMap(({ blame }) => blame ?? []);
      const named = blames.filter((blame) => blame === "port").length;
      const what = `port at 40 %, ${how}: named when QUARANTINE is proposed`;
      return shareRow({ plant: "real", what }, [named, blames.length], { atLeast });
    }),
};

/** A repair that nobody records, and a fault that is not repaired. */
const repair: VerdictCase = {
  name: "repair",
  measure(simulator, seeds, first) {
    const repaired = oneByOne(20, 2, 1, { rate: 0.3 }, 20);
    // The next one begins three days later: until then the host is watched after its repair.
    const spaced = repaired.map((fault, k): HostFault => {
      return { ...fault, fromDay: 2 + 3 * k, toDay: 3 + 3 * k };
    });
    const lasting = oneByOne(20, 2, 5, { rate: 0.1 }, 20);
    const plantsWith = (faults: readonly HostFault[], seedsOfIt: number) =>
      seedsFrom(first, seedsOfIt).map((seed): PlantOptions => {
        return { seed, hosts: 20, days: lastDay(faults) + 3, spread: REAL, faults };
      });
    const [after] = all(simulator, plantsWith(spaced, 2 * seeds), [eDetector], false);
    const stories = storiesOf(after).filter(({ first: { SUSPECT } }) => SUSPECT !== undefined);
    const [during] = all(simulator, plantsWith(lasting, 2 * seeds), [eDetector]);
    const bad = storiesOf(during);
    return [
      delayRow(
        { plant: "real", what: "repaired, nobody said so: OK again" },
        stories.map(({ cleared }) => cleared),
        [300, 450],
      ),
      shareRow(
        { plant: "real", what: "host at 10 % for 5 days: OK while bad" },
        [bad.filter(({ isClearedWhileBad }) => isClearedWhileBad).length, bad.length],
        { atMost: 2 },
      ),
    ];
  },
};

/** The flag of hosts that have nobody to be compared with. */
const alone: VerdictCase = {
  name: "line flag",
  measure: (simulator, seeds, first) =>
    ([0.1, 0.3] as const).map((rate) => {
      const faults = [{ hosts: [0], rate, fromDay: HISTORY, toDay: HISTORY + 3 }];
      const plants = seedsFrom(first, 2 * SINGLES * seeds).map((seed): PlantOptions => {
        return { seed, hosts: 3, days: HISTORY + 3, spread: IDEAL, faults };
      });
      const [flags = []] = all(simulator, plants, [lineFlag]);
      const units = flags.reduce((sum, one) => sum + one.units, 0);
      const raised = flags.reduce((sum, { onsets }) => sum + onsets.SUSPECT, 0);
      const what = `3 hosts, one at ${100 * rate} %: flag; false ones in 10,000 units`;
      const delays = storiesOf(flags).map((story) => story.first.SUSPECT);
      return delayRow({ plant: "ideal", what }, delays, undefined, {
        detector: `${pair(pairOf(delays))}; ${((1e4 * raised) / units).toFixed(1)}`,
      });
    }),
};

/** Everything that is measured, in the order of the table. */
export const CASES: readonly VerdictCase[] = [
  ...[quiet, oneHost, fewShare, history, badBatch, twoOfThree, oneModel, onePort, repair, alone],
];
