import { z } from "zod";
import type { Database } from "../db/database.ts";
import { statement } from "../db/statement.ts";

/** Recipients who are told at once: each is a connection to the mail server. */
const MOST_AT_ONCE = 10;
/** An alarm that nobody could be told of for so long is not news any more. */
const FORGET = "interval '1 day'";

const Mail = z.object({
  id: z.string(),
  recipientId: z.string(),
  address: z.string(),
  what: z.enum(["raised", "overdue", "recovered"]),
  rule: z.string(),
  plant: z.string().nullable(),
  subjectName: z.string(),
  parameters: z.record(z.string(), z.union([z.string(), z.number()])),
  raisedAt: z.date(),
  recoveredAt: z.date().nullable(),
});
/** Something to tell a recipient. */
export type Mail = z.infer<typeof Mail>;

/**
 * Takes what is due. The next try is set at once, later than any sending takes, so that another replica does not take the same; 30 s
 * after the first one, then twice as long each time, up to an hour.
 */
const TAKE = statement(
  [],
  Mail,
  `
WITH due AS (
  SELECT id FROM alarm_mail
   WHERE next_try_at <= now() AND recipient_id IN (
     SELECT recipient_id FROM alarm_mail WHERE next_try_at <= now() GROUP BY recipient_id ORDER BY min(next_try_at) LIMIT ${MOST_AT_ONCE})
     FOR UPDATE SKIP LOCKED)
UPDATE alarm_mail m SET tries = m.tries + 1, next_try_at = now() + make_interval(secs => least(3600, 30 * 2 ^ least(m.tries, 10)))
  FROM due, alarm_recipient r, alarm a LEFT JOIN plant p ON p.id = a.scope
 WHERE m.id = due.id AND r.id = m.recipient_id AND a.id = m.alarm_id
RETURNING m.id, m.recipient_id AS "recipientId", r.address, m.what, a.rule, p.name AS plant, a.subject_name AS "subjectName", a.parameters,
       a.raised_at AS "raisedAt", a.recovered_at AS "recoveredAt"`,
);
const FORGET_OLD = statement(
  [],
  z.object({ mails: z.number() }),
  `
WITH old AS (DELETE FROM alarm_mail WHERE written_at < now() - ${FORGET} RETURNING recipient_id),
told AS (UPDATE alarm_recipient r SET given_up = r.given_up + o.mails
  FROM (SELECT recipient_id, count(*)::int AS mails FROM old GROUP BY recipient_id) o WHERE o.recipient_id = r.id)
SELECT count(*)::int AS mails FROM old`,
);
const SENT = statement(
  ["ids", "recipientId"],
  z.object({ id: z.string() }),
  `
WITH gone AS (DELETE FROM alarm_mail WHERE id = ANY(:ids::uuid[]))
UPDATE alarm_recipient SET sent_at = now(), last_error = NULL WHERE id = :recipientId::uuid RETURNING id`,
);
const FAILED = statement(
  ["recipientId", "error"],
  z.object({ id: z.string() }),
  "UPDATE alarm_recipient SET last_error = :error WHERE id = :recipientId::uuid RETURNING id",
);

export type OutgoingRepository = ReturnType<typeof outgoingRepository>;

export const outgoingRepository = ({ sql }: Database) => ({
  take: (): Promise<readonly Mail[]> => sql.rows(TAKE, {}),
  /** Gives up what is older than a day. How many there were. */
  forget: async (): Promise<number> => (await sql.row(FORGET_OLD, {}))?.mails ?? 0,
  async sent(recipientId: string, ids: readonly string[]): Promise<void> {
    await sql.row(SENT, { recipientId, ids });
  },
  async failed(recipientId: string, error: string): Promise<void> {
    await sql.row(FAILED, { recipientId, error });
  },
});
