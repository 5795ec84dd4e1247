import { FlashlineError, type HostRepairEffect } from "@flashline/contract";
import { FRESH, faultEvidence, LIMITS } from "@flashline/verdict";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { heldSql } from "../db/held.ts";
import { HOST_NAME } from "../db/host-names.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { HostFigures } from "../verdict/index.ts";

const HOST = statement(
  ["id"],
  z.object({
    name: z.string(),
    figures: z.unknown(),
    quarantined: z.boolean(),
    plantId: z.string().nullable(),
  }),
  `
SELECT hn.name, h.statistics AS figures, EXISTS (SELECT ${heldSql(["h.id"])}) AS quarantined, l.plant_id AS "plantId"
  FROM host h ${HOST_NAME} LEFT JOIN station s ON s.name = hn.station LEFT JOIN line l ON l.id = s.line_id
 WHERE h.id = :id::uuid`,
);

async function find(sql: Sql, id: string) {
  const row = await sql.row(HOST, { id });
  if (row === undefined) throw new FlashlineError("request.not_found", "There is no such host.");
  const { name, figures, quarantined, plantId } = row;
  const known = HostFigures.safeParse(figures).data;
  const effect: HostRepairEffect = {
    host: id,
    name,
    quarantined,
    rung: known?.rung ?? null,
    before: known === undefined ? null : { r: known.r, d: known.d },
    after: { r: faultEvidence(FRESH), d: FRESH.d },
    healed: LIMITS.healedAfterRepair,
  };
  return { effect, plantId };
}

/** What recording a repair of a host would do. Rejects with `request.not_found`. */
export const previewRepair = async ({ sql }: Database, id: string): Promise<HostRepairEffect> =>
  (await find(sql, id)).effect;

/**
 * Records that something was repaired or swapped at a host. The verdict reads it in the ledger, after the results that came in before it.
 * Rejects with `request.not_found`.
 */
export const recordRepair = (
  { transaction }: Database,
  id: string,
  { what, reason }: { readonly what: string; readonly reason: string },
  by: Origin,
): Promise<HostRepairEffect> =>
  transaction(async (sql) => {
    const { effect, plantId } = await find(sql, id);
    await recordEvent(sql, {
      kind: "host.repaired",
      by,
      ...(plantId === null ? {} : { plantId }),
      subject: { id, name: effect.name },
      reason,
      data: { what },
    });
    return effect;
  });
