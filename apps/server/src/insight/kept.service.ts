import type { Sql } from "../db/sql.ts";
import {
  repairQuarters,
  repairTallies,
  repairTalliesAfter,
  repairUnits,
} from "./kept.repository.ts";

/** Units that are compared with their jobs at once, and orders that are closed. Of releases it is one, which may have many units. */
const MOST = { units: 5_000, closedOrders: 20, releases: 1 };
/** Quarters of an hour of so many hours are compared with their attempts. */
const QUARTERS_H = 2;
const FIRST = "00000000-0000-0000-0000-000000000000";

/** Compares what triggers keep for the lists with what is behind it: what changes now each time, all else in turn. */
export function keptService(sql: Sql, onWrong: (found: object, message: string) => void) {
  const after = { units: FIRST, closedOrders: FIRST, releases: FIRST };
  return {
    async repair(): Promise<void> {
      const units = await repairUnits(sql, after.units, MOST.units);
      after.units = units.last ?? FIRST;
      for (const unit of units.wrong)
        onWrong(unit, "a unit's kept state was wrong and is put right");
      for (const kind of ["openOrders", "products"] as const) {
        for (const wrong of await repairTallies(sql, kind))
          onWrong({ kind, ...wrong }, "kept counts were wrong and are put right");
      }
      for (const kind of ["closedOrders", "releases"] as const) {
        const { last, wrong } = await repairTalliesAfter(sql, kind, after[kind], MOST[kind]);
        after[kind] = last ?? FIRST;
        for (const tally of wrong)
          onWrong({ kind, ...tally }, "kept counts were wrong and are put right");
      }
      for (const quarter of await repairQuarters(sql, QUARTERS_H))
        onWrong(quarter, "a station's kept counts were wrong and are put right");
    },
  };
}
