import {
  called,
  FlashlineError,
  type PaceQuery,
  type PaceView,
  type PlansAnswer,
  type PlansQuery,
  type PlansRequest,
  type PlanView,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { statement } from "../db/statement.ts";
import { findTarget } from "../holds/targets.ts";
import { noRowBefore } from "../http/lists.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { plantNamed } from "../selection/plant.ts";
import { paceRepository } from "./pace.repository.ts";
import { paceOf, timesOf } from "./pace.ts";
import {
  lockLines,
  namesOf,
  type PlannedById,
  planOf,
  plansPage,
  productsNamed,
  replacePlan,
} from "./plans.repository.ts";
import { ANY, type AskedPlan, refusedPlans, sortPlans } from "./rows.ts";
import { shiftNow, shiftOfDay, shiftsOfDays } from "./shifts.repository.ts";

const DAY_MS = 86_400_000;
/** Without days that are asked for: today and so many after it. */
const DAYS_AHEAD = 13;
const MOST_DAYS = 366;

const PLANT = statement(
  ["id"],
  z.object({ name: z.string(), timeZone: z.string(), now: z.date() }),
  `SELECT name, time_zone AS "timeZone", now() AS now FROM plant WHERE id = :id::uuid`,
);

const isoDay = (at: number): string => new Date(at).toISOString().slice(0, 10);
const invalid = (message: string) => new FlashlineError("request.invalid", message);
const missing = (what: string) =>
  new FlashlineError("request.not_found", `There is no ${what}.`, { parameters: { what } });

/** The days that a list is of. Yesterday is among them: its night shift may still be on, and a plant may be a day behind UTC. */
function daysOf({ from, to }: z.output<typeof PlansQuery>, now: number) {
  const first = from ?? (to === undefined ? isoDay(now - DAY_MS) : to);
  const last = to ?? isoDay(Date.parse(first) + (DAYS_AHEAD + 1) * DAY_MS);
  if (first > last) throw invalid("from must not be after to.");
  if (Date.parse(last) - Date.parse(first) > MOST_DAYS * DAY_MS) {
    throw invalid("Of at most a year at a time.");
  }
  return { from: first, to: last };
}

const asPlan = (units: ReadonlyMap<string, number>): readonly PlannedById[] =>
  [...units]
    .filter(([, count]) => count > 0)
    .map(([productId, count]) => ({
      productId: productId === ANY ? null : productId,
      units: count,
    }));

const isSame = (before: readonly PlannedById[], after: readonly PlannedById[]): boolean =>
  before.length === after.length &&
  after.every(({ productId, units }) =>
    before.some((one) => one.productId === productId && one.units === units),
  );

/** What lines are to make, and how far they are. */
export function planService(db: Database, now: () => number = Date.now) {
  const { sql, transaction } = db;
  const pace = paceRepository(db);

  async function placesOf({
    plant,
    line,
  }: {
    plant?: string | undefined;
    line?: string | undefined;
  }) {
    if (line !== undefined) {
      const target = { kind: "line" as const, line, ...(plant === undefined ? {} : { plant }) };
      return { plantId: undefined, lineId: (await findTarget(sql, target)).targetId };
    }
    if (plant === undefined) return { plantId: undefined, lineId: undefined };
    return { plantId: await plantNamed(sql, plant), lineId: undefined };
  }

  /** Plans with how long their shifts are: on days on which the clock is changed not as long as on others. */
  async function withTimes(
    rows: readonly (Omit<PlanView, "workingMs"> & { readonly plantId: string })[],
  ): Promise<PlanView[]> {
    const days = rows.map(({ day }) => day).sort();
    const [first, last] = [days[0], days.at(-1)];
    if (first === undefined || last === undefined) return [];
    const times = new Map<string, number>();
    for (const plantId of new Set(rows.map((row) => row.plantId))) {
      for (const shift of await shiftsOfDays(sql, plantId, first, last)) {
        times.set(JSON.stringify([plantId, shift.day, shift.name]), timesOf(shift).workingMs);
      }
    }
    return rows.map(({ plantId, ...row }) => ({
      ...row,
      workingMs: times.get(JSON.stringify([plantId, row.day, row.shift])) ?? null,
    }));
  }

  return {
    /** Rejects with `request.not_found` and `request.invalid`. */
    async plans(query: z.output<typeof PlansQuery>): Promise<PlanView[]> {
      const { after, limit } = query;
      const page = { ...(await placesOf(query)), ...daysOf(query, now()), after, limit };
      const rows = await plansPage(sql, page);
      if (rows === undefined) throw noRowBefore();
      return await withTimes(rows);
    },

    /** All of the rows or none: rejects with `units.bad_rows`. The same plan again is no event. */
    set(
      { rows, reason }: z.output<typeof PlansRequest>,
      by: Origin,
    ): Promise<z.output<typeof PlansAnswer>> {
      return transaction(async (tx) => {
        const lines = await lockLines(tx, [...new Set(rows.map(({ line }) => line.trim()))]);
        const named = new Set(rows.flatMap(({ product }) => product?.trim() ?? []));
        const products = await productsNamed(tx, [...named]);
        const ids = new Map(products.map(({ id, name }) => [name, id]));
        const { plans, bad } = sortPlans(rows, lines, ids);
        if (bad.length > 0) throw refusedPlans(bad);
        let changed = 0;
        const setOne = async ({ line, day, shift, units }: AskedPlan): Promise<void> => {
          const of = { lineId: line.id, day, shift };
          const before = await planOf(tx, of);
          const plan = asPlan(units);
          if (isSame(before, plan)) return;
          await replacePlan(tx, of, plan);
          changed += 1;
          await recordEvent(tx, {
            kind: "plan.set",
            by,
            reason,
            plantId: line.plantId,
            subject: { id: line.id, name: line.name },
            before: { plan: namesOf(before) },
            after: { plan: namesOf(await planOf(tx, of)) },
            data: { day, shift },
          });
        };
        for (const plan of plans) await setOne(plan);
        return { changed, same: plans.length - changed };
      });
    },

    /** `at`: as if it was this time. Rejects with `request.not_found` and `request.invalid`. */
    async pace(
      { plant, line, day, shift }: z.output<typeof PaceQuery>,
      at?: Date,
    ): Promise<PaceView> {
      if ((day === undefined) !== (shift === undefined)) {
        throw invalid("day and shift go together: the shift of this name that began on the day.");
      }
      const target = { kind: "line" as const, line, ...(plant === undefined ? {} : { plant }) };
      const { targetId: lineId, plantId } = await findTarget(sql, target);
      const of = plantId === null ? undefined : await sql.row(PLANT, { id: plantId });
      if (plantId === null || of === undefined) {
        throw new FlashlineError("internal.bug", "A line has no plant.");
      }
      const found =
        day === undefined || shift === undefined
          ? await shiftNow(sql, plantId, at)
          : await shiftOfDay(sql, plantId, day, shift, at);
      if (found === undefined && shift !== undefined) {
        throw missing(`shift ${shift} in ${called("plant", of.name)}`);
      }
      const head = {
        asOf: (found?.now ?? of.now).toISOString(),
        plant: of.name,
        line,
        timeZone: of.timeZone,
      };
      if (found === undefined) return { ...head, ...NOTHING };
      const lineShift = { lineId, day: found.day, shift: found.name };
      const [plan, made] = await Promise.all([
        planOf(sql, lineShift),
        pace.made(found.from, found.to, lineId),
      ]);
      return { ...head, ...paceOf(found, of.timeZone, plan, made) };
    },
  };
}

/** Between shifts. */
const NOTHING = {
  shift: null,
  made: 0,
  virtual: false,
  plan: null,
  products: [],
  cycle: { ms: null, n: 0 },
  stations: [],
  projected: null,
  buckets: [],
};
