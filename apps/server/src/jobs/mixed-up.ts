import type { AttemptResult, SerialRule } from "@flashline/contract";
import { scannedSerial } from "@flashline/contract/pattern";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import { actorOf, ofServer } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

/**
 * The scanned serial of the unit that was in the nest instead, as its application says. Null where a result tells of none, or where the
 * release's rule does not lead back.
 */
export function unitInNest(
  { code, application }: AttemptResult,
  rule: SerialRule | null,
): string | null {
  if (code !== "leave.other_serial" || rule === null) return null;
  const shown = application?.serial ?? null;
  return shown === null ? null : (scannedSerial(rule, shown) ?? null);
}

/** A unit of the attempt's product with this serial, if it is not the attempt's own. A hold that is on stays as it is. */
const HOLD = statement(
  ["id", "attemptId", "serial", "setBy"],
  z.object({ unitId: z.string(), name: z.string(), reason: z.string() }),
  `
INSERT INTO hold AS h (id, kind, target_id, batch, name, reason, origin, set_by)
SELECT :id::uuid, 'unit', u.id, '', p.name || ' ' || u.serial,
       'It was flashed as ' || own.serial || ' by attempt ' || a.id || ', and holds that one''s firmware and data.', 'guard', :setBy
  FROM attempt a JOIN unit own ON own.id = a.unit_id
  JOIN unit u ON u.product_id = own.product_id AND u.serial = :serial AND u.id <> own.id
  JOIN product p ON p.id = u.product_id
 WHERE a.id = :attemptId::uuid
ON CONFLICT (target_id, batch) WHERE lifted_at IS NULL DO NOTHING
RETURNING h.target_id AS "unitId", h.name, h.reason`,
);

/**
 * Puts the unit on hold that was flashed as another one: its own record says nothing of it, and where that says passed, the next scan would
 * send it on. Nothing, where the product has no such unit.
 */
export async function holdMixedUp(sql: Sql, attemptId: string, serial: string): Promise<void> {
  const by = ofServer("result");
  const id = newId();
  const held = await sql.row(HOLD, { id, attemptId, serial, setBy: actorOf(by) });
  if (held === undefined) return;
  await recordEvent(sql, {
    kind: "unit.held",
    by,
    subject: { id: held.unitId, name: held.name },
    reason: held.reason,
    data: { hold: id, origin: "guard" },
  });
}
