import {
  called,
  FlashlineError,
  type OperatorRules,
  type StationOperatorRules,
  type StationOperators,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { jsonText } from "../db/json-text.ts";
import { changedRules, ownRulesOf, rulesOf } from "../db/operator-rules.ts";
import { statement } from "../db/statement.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

const LOCK_PLANT = statement(
  ["idOrName"],
  z.object({ id: z.string(), name: z.string(), operators: z.unknown() }),
  `
SELECT id, name, operators FROM plant WHERE id::text = lower(:idOrName) OR name = :idOrName
 ORDER BY id::text = lower(:idOrName) DESC LIMIT 1 FOR NO KEY UPDATE`,
);
const SET_PLANT = statement(
  ["id", "operators"],
  z.object({}),
  "UPDATE plant SET operators = operators || :operators::jsonb WHERE id = :id::uuid",
);

const stationSql = (lock: string) => `
SELECT s.id, s.name, s.operators AS own, pl.id AS "plantId", pl.operators AS "ofPlant"
  FROM station s JOIN line l ON l.id = s.line_id JOIN plant pl ON pl.id = l.plant_id
 WHERE s.id::text = lower(:idOrName) OR s.name = :idOrName
 ORDER BY s.id::text = lower(:idOrName) DESC LIMIT 1 ${lock}`;
const StationRow = z.object({
  id: z.string(),
  name: z.string(),
  own: z.record(z.string(), z.unknown()),
  plantId: z.string(),
  ofPlant: z.record(z.string(), z.unknown()),
});
const STATION = statement(["idOrName"], StationRow, stationSql(""));
const LOCK_STATION = statement(["idOrName"], StationRow, stationSql("FOR NO KEY UPDATE OF s"));
const SET_STATION = statement(
  ["id", "operators"],
  z.object({}),
  "UPDATE station SET operators = jsonb_strip_nulls(operators || :operators::jsonb) WHERE id = :id::uuid",
);

type Asked<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** What was asked for; what was left out is not in it. */
const given = (asked: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));

const shown = ({ own, ofPlant }: z.infer<typeof StationRow>): StationOperators => ({
  own: ownRulesOf(own),
  rules: rulesOf({ ...ofPlant, ...own }),
});

function noStation(station: string): FlashlineError {
  const parameters = { station };
  return new FlashlineError("request.not_found", `There is no ${called("station", station)}.`, {
    parameters,
  });
}

export function operatorsRepository({ sql, transaction }: Pick<Database, "sql" | "transaction">) {
  return {
    /** The same again is no event. Rejects with `request.not_found`. */
    setPlant(
      idOrName: string,
      asked: Asked<OperatorRules>,
      reason: string,
      by: Origin,
    ): Promise<OperatorRules> {
      return transaction(async (tx) => {
        const plant = await tx.row(LOCK_PLANT, { idOrName });
        if (plant === undefined) {
          throw new FlashlineError(
            "request.not_found",
            `There is no ${called("plant", idOrName)}.`,
            {
              parameters: { plant: idOrName },
            },
          );
        }
        const { id, name } = plant;
        const before = rulesOf(plant.operators);
        const after: OperatorRules = { ...before, ...given(asked) };
        const changed = changedRules(before, after);
        if (changed === undefined) return after;
        await tx.row(SET_PLANT, { id, operators: jsonText(changed.after) });
        const subject = { id, name };
        const event = { by, plantId: id, subject, ...changed, reason, data: {} };
        await recordEvent(tx, { kind: "plant.operators-set", ...event });
        return after;
      });
    },
    /** Rejects with `request.not_found`. */
    async station(idOrName: string): Promise<StationOperators> {
      const station = await sql.row(STATION, { idOrName });
      if (station === undefined) throw noStation(idOrName);
      return shown(station);
    },
    /** The same again is no event. Rejects with `request.not_found`. */
    setStation(
      idOrName: string,
      asked: Asked<StationOperatorRules>,
      reason: string,
      by: Origin,
    ): Promise<StationOperators & { readonly stationId: string }> {
      return transaction(async (tx) => {
        const station = await tx.row(LOCK_STATION, { idOrName });
        if (station === undefined) throw noStation(idOrName);
        const { id, name, plantId } = station;
        const before = ownRulesOf(station.own);
        const changed = changedRules(before, { ...before, ...given(asked) });
        if (changed !== undefined) {
          await tx.row(SET_STATION, { id, operators: jsonText(changed.after) });
          const subject = { id, name };
          const event = { by, plantId, subject, ...changed, reason, data: {} };
          await recordEvent(tx, { kind: "station.operators-set", ...event });
        }
        const now = (await tx.row(STATION, { idOrName: id })) ?? station;
        return { stationId: id, ...shown(now) };
      });
    },
  };
}
