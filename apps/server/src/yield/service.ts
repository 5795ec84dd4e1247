import { FlashlineError, type YieldQuery, type YieldView } from "@flashline/contract";
import type { Sql } from "../db/sql.ts";
import type { FoundSelection } from "../selection/conditions.ts";
import { findSelection } from "../selection/find.ts";
import {
  type Bounded,
  type Clock,
  daysEarlier,
  findStretch,
  type Stretch,
  stretchBefore,
} from "../selection/stretch.ts";
import { proportion, rolledYield, shareDifference } from "../verdict/index.ts";
import type { FiguresRepository } from "./figures.repository.ts";
import type { Buckets, Cohort, Figures, Group, HostPart, Times } from "./figures.ts";

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
/** Up to two days, one of which the clock was put back in, are told by the hour; up to a quarter of a year by the day. */
const MOST_HOURS = 49;
const MOST_DAYS = 93;
const WEEK = 7;
const LONGEST_YEARS = 10;
/** A stretch that begins earlier is compared with nothing: the one before it would begin before the first year that PostgreSQL and JavaScript both keep. */
const FIRST_COMPARED = "0100-01-01";
/** A release before is looked for so long before the window, days. */
const RELEASE_DAYS = 30;

const invalid = (message: string) => new FlashlineError("request.invalid", message);

/** A yield is of a time that begins and ends: without any of today, without an end until now. */
async function bounded(sql: Sql, clock: Clock, stretch: Stretch): Promise<Bounded> {
  const { from, to, kind } = stretch;
  if (from === undefined && to === undefined) {
    return (await findStretch(sql, () => Promise.resolve(clock), { window: "today" })) as Bounded;
  }
  if (from === undefined) throw invalid("to needs from: a yield is of a stretch of time.");
  const [begins, ends] = [new Date(from), to === undefined ? clock.now : new Date(to)];
  if (begins >= ends) {
    throw invalid(
      kind === "shift"
        ? "The clock leaps over this shift on that day."
        : "from lies ahead: nothing has begun since.",
    );
  }
  if (ends.getTime() - begins.getTime() > LONGEST_YEARS * 366 * DAY_S * 1000) {
    const parameters = { years: LONGEST_YEARS };
    throw new FlashlineError("request.invalid", "Of at most ten years at a time.", { parameters });
  }
  return { from: begins.toISOString(), to: ends.toISOString(), kind };
}

function bucketsOf({ from, to }: Bounded, { timeZone }: Clock): Buckets {
  const hours = (Date.parse(to) - Date.parse(from)) / (HOUR_S * 1000);
  // An hour is as long on every clock. A day or a week begins at the plant's midnight.
  if (hours <= MOST_HOURS)
    return { bucketZone: "UTC", bucketS: HOUR_S, label: "HH24:MI", timeZone };
  const days = hours <= MOST_DAYS * 24 ? 1 : WEEK;
  return { bucketZone: timeZone, bucketS: days * DAY_S, label: "YYYY-MM-DD", timeZone };
}

const cohortYields = ({
  units,
  passedFirst,
  passedLast,
  failedByHost,
}: Pick<Cohort, "units" | "passedFirst" | "passedLast" | "failedByHost">) => ({
  firstPass: proportion(passedFirst, units),
  productFirstPass: proportion(passedFirst, units - failedByHost),
  finalYield: proportion(passedLast, units),
});
const moreYields = (cohort: Cohort) => ({
  secondPass: proportion(cohort.passedSecond, cohort.units),
  thirdPass: proportion(cohort.passedThird, cohort.units),
  retested: proportion(cohort.retested, cohort.units),
  noTroubleFound: proportion(cohort.noTrouble, cohort.units - cohort.passedFirst),
});
const attemptYields = (of: Pick<Group, "attempts" | "passedAttempts" | "incidents">) => ({
  attemptYield: proportion(of.passedAttempts, of.attempts),
  linkIncidents: proportion(of.incidents, of.attempts),
});
const timesOf = ({ n, quantiles }: Times) => {
  const [p50 = null, p90 = null, p95 = null] = quantiles ?? [];
  return { n, p50, p90, p95 };
};

function rolledOf(steps: Figures["steps"]): NonNullable<YieldView["rolled"]> {
  const products = [...new Set(steps.map(({ product }) => product))];
  return products.map((product) => {
    const own = steps.filter((step) => step.product === product);
    const yields = own.map(({ passedFirst, units }) => proportion(passedFirst, units));
    return { product, steps: own.length, ...rolledYield(yields) };
  });
}

/** Both times' cohorts side by side, host by host. */
function compared(now: readonly HostPart[], before: readonly HostPart[]) {
  const others = new Map(before.map((part) => [part.host, part]));
  const nothing = { n: 0, passed: 0, failedByHost: 0 };
  const strata = (units: (part: Omit<HostPart, "host">) => number) =>
    now.map((part) => {
      const other = others.get(part.host) ?? nothing;
      return {
        passed: part.passed,
        n: units(part),
        passedBefore: other.passed,
        nBefore: units(other),
      };
    });
  return {
    difference: shareDifference(strata(({ n }) => n)),
    productDifference: shareDifference(strata(({ n, failedByHost }) => n - failedByHost)),
  };
}

const sumOf = (parts: readonly HostPart[]) =>
  parts.reduce(
    (sum, { n, passed, failedByHost }) => ({
      units: sum.units + n,
      passedFirst: sum.passedFirst + passed,
      passedLast: 0,
      failedByHost: sum.failedByHost + failedByHost,
    }),
    { units: 0, passedFirst: 0, passedLast: 0, failedByHost: 0 },
  );

/** Yields as pages ask for them. */
export function yieldService(sql: Sql, repository: FiguresRepository) {
  /** What a selection is compared with. */
  async function other(
    { against, product, release }: YieldQuery,
    clock: Clock,
    stretch: Bounded,
    selection: FoundSelection,
  ): Promise<{ stretch: Bounded; release: string | null; selection: FoundSelection }> {
    if (stretch.from < FIRST_COMPARED) throw invalid("There is no time before from.");
    if (against === "release-before") {
      if (product === undefined || release === undefined) {
        throw invalid("against=release-before needs product and release.");
      }
      const before = await repository.releaseBefore(String(selection["product"]), release);
      if (before === undefined) {
        const parameters = { what: `release of ${product} before ${release}` };
        throw new FlashlineError("request.not_found", `There is no ${parameters.what}.`, {
          parameters,
        });
      }
      const { from } = await daysEarlier(sql, clock, stretch, RELEASE_DAYS);
      const since = { ...stretch, from };
      return {
        stretch: since,
        release: before,
        selection: { ...selection, from, to: stretch.to, release: before },
      };
    }
    const earlier =
      against === "before"
        ? await stretchBefore(sql, clock, stretch)
        : await daysEarlier(sql, clock, stretch, WEEK);
    const { from, to } = earlier;
    return { stretch: earlier, release: null, selection: { ...selection, from, to } };
  }

  async function comparisonOf(
    query: YieldQuery,
    clock: Clock,
    stretch: Bounded,
    selection: FoundSelection,
    isVirtual: boolean,
  ): Promise<YieldView["comparison"]> {
    const with_ = await other(query, clock, stretch, selection);
    const [now, before] = await Promise.all([
      repository.byHost(selection, isVirtual),
      repository.byHost(with_.selection, isVirtual),
    ]);
    const { firstPass, productFirstPass } = cohortYields(sumOf(before));
    return {
      from: with_.stretch.from,
      to: with_.stretch.to,
      release: with_.release,
      firstPass,
      productFirstPass,
      ...compared(now, before),
    };
  }

  /** Rejects with `request.not_found` and `request.invalid`. */
  return async (query: YieldQuery): Promise<YieldView> => {
    const { found, stretch: told, clock: clockOf } = await findSelection(sql, query);
    const clock = await clockOf();
    const stretch = await bounded(sql, clock, told);
    const selection = { ...found, from: stretch.from, to: stretch.to };
    const figures = await repository.of({
      selection,
      buckets: bucketsOf(stretch, clock),
      by: query.by,
      withPhases: query.phases === "true",
    });
    const isVirtual = query.virtual === undefined ? figures.virtual : query.virtual === "true";
    const comparison =
      query.against === undefined
        ? undefined
        : await comparisonOf(query, clock, stretch, selection, isVirtual);
    const { cohort, attempts, phases, groups } = figures;
    const times = { ...timesOf(figures.times), relativeError: figures.timesError };
    return {
      asOf: clock.now.toISOString(),
      from: stretch.from,
      to: stretch.to,
      timeZone: clock.timeZone,
      product: query.product ?? null,
      plant: clock.plant,
      ...cohortYields(cohort),
      ...moreYields(cohort),
      ...attemptYields(attempts),
      unitsPassed: attempts.unitsPassed,
      unknownJobs: figures.unknownJobs,
      medianMs: times.p50,
      p95Ms: times.p95,
      times,
      virtual: isVirtual,
      leftOut: figures.leftOut,
      buckets: figures.buckets.map(({ from, to, label, n, passed, units }) => ({
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
        label,
        firstPass: proportion(passed, n),
        unitsPassed: units,
      })),
      pareto: figures.pareto,
      paretoAttempts: figures.paretoAttempts,
      steps: figures.steps.map(({ product, step, ...own }) => ({
        product,
        step,
        ...cohortYields(own),
        ...moreYields(own),
      })),
      rolled: rolledOf(figures.steps),
      ...(phases === null
        ? {}
        : { phases: phases.map(({ phase, ...own }) => ({ phase, ...timesOf(own) })) }),
      ...(groups === null
        ? {}
        : {
            groups: groups.map((group) => ({
              name: group.name,
              filter: group.filter,
              ...cohortYields(group),
              ...attemptYields(group),
            })),
          }),
      ...(comparison === undefined ? {} : { comparison }),
    };
  };
}
