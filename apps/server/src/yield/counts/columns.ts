/** Times that are counted ahead, seconds: a quarter of an hour, an hour, a day in UTC. */
export const SPANS = { quarter: 900, hour: 3_600, day: 86_400 } as const;

/** What a column is where it does not belong to a row's set. */
export const NOBODY = "00000000-0000-0000-0000-000000000000";

/** Columns that not every set has. */
const PLACES = ["station_id", "nest_id", "host_id", "work_order_id"] as const;
export type Place = (typeof PLACES)[number];

/**
 * The named sets of dimensions by which attempts are counted ahead, those with the fewest rows first. Each has also what every attempt is told by: its
 * step, release and outcome, and whether it is virtual. What asks for columns of no set is counted over attempts.
 */
export const NAMED_SETS = [
  { dims: 1, name: "release", has: [] },
  { dims: 2, name: "host", has: ["station_id", "host_id"] },
  { dims: 3, name: "nest", has: ["station_id", "nest_id"] },
  { dims: 4, name: "order", has: ["work_order_id"] },
] as const satisfies readonly {
  readonly dims: number;
  readonly name: string;
  readonly has: readonly Place[];
}[];
export type NamedSet = (typeof NAMED_SETS)[number];

/**
 * Days of the set `host` are counted once more without what is left out here: for a long time by host or station that is few rows. In place of a
 * set they have a number of their own.
 */
export const PLACE_DAYS = {
  dims: 5,
  of: 2,
  leftOut: { release_id: NOBODY, code: "", blame: "", unit_id: NOBODY },
} as const;
/** Every number that a row may have in place of its set. */
export const ALL_DIMS = [...NAMED_SETS.map(({ dims }) => dims), PLACE_DAYS.dims];

/** The first set that has all these columns; undefined: none. */
export const setWith = (needed: readonly Place[]): NamedSet | undefined =>
  NAMED_SETS.find(({ has }) => needed.every((place) => (has as readonly Place[]).includes(place)));

/** What attempts of one row have in common, apart from their set and time. */
export const KEYS = [
  ...["virtual", "step_id", "release_id"],
  ...PLACES,
  ...["outcome", "code", "blame", "unit_id"],
];
/** What is added up. Those from `units` to `no_trouble` are counted of first attempts. */
export const SUMS = [
  ...["attempts", "units", "passed_second", "passed_third", "passed_last"],
  ...["failed_by_host", "retested", "no_trouble", "incidents"],
];

/** Histograms: the numbers of bins that hold any, and how many. */
export const TIMES = ["bins", "bin_counts"];
/** Those of phases, in rows of {@link PHASES_SET} alone. */
export const PHASES = ["phases", "phase_bins", "phase_counts"];
export const PHASES_SET: NamedSet = NAMED_SETS[0];

/** SQL: the columns of a set's row where `x` has all of them. */
export const keysOfSetSql = (dims: string, x: string): string =>
  KEYS.map((key) => {
    if (!(PLACES as readonly string[]).includes(key)) return `${x}.${key}`;
    const among = NAMED_SETS.filter(({ has }) => (has as readonly string[]).includes(key));
    const numbers = among.map((set) => set.dims).join(", ");
    return `CASE WHEN ${dims} IN (${numbers}) THEN ${x}.${key} ELSE '${NOBODY}' END AS ${key}`;
  }).join(", ");

/** SQL: the phases of a set's row where `x` has them. */
export const phasesOfSetSql = (dims: string, x: string): string =>
  PHASES.map(
    (column) =>
      `CASE WHEN ${dims} = ${PHASES_SET.dims} THEN ${x}.${column} ELSE '{}' END AS ${column}`,
  ).join(", ");
