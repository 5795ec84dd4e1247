import {
  called,
  FlashlineError,
  type RecipientRequest,
  type RecipientView,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

const Row = z.object({
  id: z.string(),
  address: z.string(),
  rules: z.array(z.string()),
  plant: z.string().nullable(),
  plantId: z.string().nullable(),
  waiting: z.number(),
  lastError: z.string().nullable(),
  sentAt: z.date().nullable(),
  givenUp: z.number(),
});
type Row = z.infer<typeof Row>;

const SELECT = `
SELECT r.id, r.address, r.rules, p.name AS plant, r.plant_id AS "plantId", r.last_error AS "lastError", r.sent_at AS "sentAt",
       r.given_up AS "givenUp",
       (SELECT count(*)::int FROM alarm_mail m WHERE m.recipient_id = r.id) AS waiting
  FROM alarm_recipient r LEFT JOIN plant p ON p.id = r.plant_id`;
const ALL = statement([], Row, `${SELECT} ORDER BY r.address`);
const ONE = statement(["id"], Row, `${SELECT} WHERE r.id = :id::uuid`);
const PLANT = statement(
  ["name"],
  z.object({ id: z.string() }),
  "SELECT id FROM plant WHERE name = :name",
);
/** Rules and plant of an address that is there already are replaced. */
const SAVE = statement(
  ["id", "address", "rules", "plantId", "createdBy"],
  z.object({ id: z.string() }),
  `
INSERT INTO alarm_recipient (id, address, rules, plant_id, created_by)
VALUES (:id::uuid, :address, :rules::text[], :plantId::uuid, :createdBy)
ON CONFLICT (address) DO UPDATE SET rules = excluded.rules, plant_id = excluded.plant_id
RETURNING id`,
);
const REMOVE = statement(
  ["id"],
  z.object({ id: z.string() }),
  "DELETE FROM alarm_recipient WHERE id = :id::uuid RETURNING id",
);

const viewOf = ({ plantId: _, sentAt, ...row }: Row): RecipientView => ({
  ...row,
  sentAt: sentAt?.toISOString() ?? null,
});

async function one(sql: Sql, id: string): Promise<RecipientView> {
  const row = await sql.row(ONE, { id });
  if (row === undefined) throw new FlashlineError("request.not_found");
  return viewOf(row);
}

async function plantOf(sql: Sql, name: string | undefined): Promise<string | null> {
  if (name === undefined) return null;
  const plant = await sql.row(PLANT, { name });
  if (plant !== undefined) return plant.id;
  throw new FlashlineError("request.invalid", `There is no ${called("plant", name)}.`, {
    parameters: { plant: name },
  });
}

/** Events name recipients by id: an address is personal data, and the ledger never forgets. */
export function recipientsRepository({ sql, transaction }: Database) {
  return {
    list: async (): Promise<RecipientView[]> => (await sql.rows(ALL, {})).map(viewOf),
    one: (id: string): Promise<RecipientView> => one(sql, id),
    /** `isNew` is false where the address was there. */
    save: (
      { address, rules, plant }: z.output<typeof RecipientRequest>,
      by: Origin,
    ): Promise<{ readonly isNew: boolean; readonly recipient: RecipientView }> =>
      transaction(async (tx) => {
        const id = newId();
        const plantId = await plantOf(tx, plant);
        const values = { id, address, rules, plantId, createdBy: actorOf(by) };
        const saved = await tx.row(SAVE, values);
        const recipient = await one(tx, saved?.id ?? id);
        const subject = { id: recipient.id };
        await recordEvent(tx, { kind: "recipient.added", by, subject, data: { rules } });
        return { isNew: recipient.id === id, recipient };
      }),
    remove: (id: string, by: Origin): Promise<RecipientView> =>
      transaction(async (tx) => {
        const recipient = await one(tx, id);
        await tx.row(REMOVE, { id });
        const { rules } = recipient;
        await recordEvent(tx, { kind: "recipient.removed", by, subject: { id }, data: { rules } });
        return recipient;
      }),
    tested: (id: string, sent: boolean, by: Origin): Promise<void> =>
      recordEvent(sql, { kind: "recipient.tested", by, subject: { id }, data: { sent } }),
  };
}
