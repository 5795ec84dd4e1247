import type { Sql } from "../db/sql.ts";
import { repairTallies, repairUnits } from "./kept.repository.ts";

/** Units that are compared with their jobs at once. */
const MOST = 5_000;
const FIRST = "00000000-0000-0000-0000-000000000000";

/** Compares what triggers keep for the lists with the jobs behind it: open orders each time, all units in turn. */
export function keptService(sql: Sql, onWrong: (found: object, message: string) => void) {
  let after = FIRST;
  return {
    async repair(): Promise<void> {
      const { last, wrong } = await repairUnits(sql, after, MOST);
      after = last ?? FIRST;
      for (const unit of wrong) onWrong(unit, "a unit's kept state was wrong and is put right");
      for (const order of await repairTallies(sql)) {
        onWrong(order, "a work order's kept counts were wrong and are put right");
      }
    },
  };
}
