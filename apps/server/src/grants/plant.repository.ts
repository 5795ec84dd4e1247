import { called, FlashlineError, GrantRules, USUAL_GRANT_HOURS } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { statement } from "../db/statement.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

const LOCK = statement(
  ["idOrName"],
  GrantRules.extend({ id: z.string(), name: z.string() }),
  `
SELECT id, name, grant_hours AS hours, grant_units AS units FROM plant WHERE id::text = lower(:idOrName) OR name = :idOrName
 ORDER BY id::text = lower(:idOrName) DESC LIMIT 1 FOR NO KEY UPDATE`,
);
const SET = statement(
  ["id", "hours", "units"],
  z.object({}),
  "UPDATE plant SET grant_hours = :hours::int, grant_units = :units::int WHERE id = :id::uuid",
);

/** What was asked for; without hours a plant that gives no grants gives them for the usual time. */
export interface AskedRules {
  readonly hours?: number | undefined;
  readonly units?: number | undefined;
}

/** The same again is no event. Rejects with `request.not_found`. */
export function setPlantGrants(
  { transaction }: Pick<Database, "transaction">,
  idOrName: string,
  asked: AskedRules,
  reason: string,
  by: Origin,
): Promise<GrantRules> {
  return transaction(async (tx) => {
    const plant = await tx.row(LOCK, { idOrName });
    if (plant === undefined) {
      throw new FlashlineError("request.not_found", `There is no ${called("plant", idOrName)}.`, {
        parameters: { plant: idOrName },
      });
    }
    const { id, name, ...before } = plant;
    const usual = before.hours === 0 ? USUAL_GRANT_HOURS : before.hours;
    const after = { hours: asked.hours ?? usual, units: asked.units ?? before.units };
    if (after.hours === before.hours && after.units === before.units) return after;
    await tx.row(SET, { id, ...after });
    const subject = { id, name };
    await recordEvent(tx, {
      kind: "plant.grants-set",
      by,
      plantId: id,
      subject,
      before,
      after,
      reason,
      data: {},
    });
    return after;
  });
}
