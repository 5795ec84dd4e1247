import type { LedgerEvent } from "@flashline/contract";
import { z } from "zod";
import { MOST_BETWEEN, readRepository } from "../audit/read.repository.ts";
import type { Database } from "../db/database.ts";
import { statement } from "../db/statement.ts";
import { ofServer } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

const BY = ofServer("webhooks");

/**
 * So long whoever delivers is alone, counted anew with every message. Longer than any message takes; a server that was killed keeps others
 * waiting no longer. Seconds.
 */
const LEASE_S = 20;
/** Positions that are looked through at once for events that a webhook wants. */
const WINDOW = 5_000;

const Id = z.object({ id: z.string() });
const Leased = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  kinds: z.array(z.string()),
  position: z.coerce.number(),
  epoch: z.number(),
  tries: z.number(),
  refusals: z.number(),
  failingS: z.number().nullable(),
});
/** A webhook that this replica delivers to, alone while its lease runs. */
export type Leased = z.infer<typeof Leased>;

const LEASE = statement(
  ["leaseS"],
  Leased,
  `
WITH due AS (
  SELECT w.id FROM webhook w
   WHERE w.off_at IS NULL AND (w.lease_until IS NULL OR w.lease_until < now()) AND (w.next_try_at IS NULL OR w.next_try_at <= now())
     AND (w.position < (SELECT coalesce(max(position), 0) FROM ledger)
          OR EXISTS (SELECT FROM webhook_letter l WHERE l.webhook_id = w.id AND l.replay))
   FOR UPDATE SKIP LOCKED)
UPDATE webhook w SET lease_until = now() + make_interval(secs => :leaseS), epoch = w.epoch + 1
  FROM due WHERE w.id = due.id
RETURNING w.id, w.name, w.url, w.kinds, w.position, w.epoch, w.tries, w.refusals, extract(epoch FROM now() - w.failing_since)::float8 AS "failingS"`,
);

/** Everything that a deliverer writes is written only while nobody else took over. */
const MINE = "id = :id::uuid AND epoch = :epoch AND off_at IS NULL";
const ADVANCE = statement(
  ["id", "epoch", "position", "leaseS", "delivered"],
  Id,
  `
UPDATE webhook SET position = greatest(position, :position::bigint), lease_until = now() + make_interval(secs => :leaseS),
       tries = CASE WHEN :delivered THEN 0 ELSE tries END, refusals = CASE WHEN :delivered THEN 0 ELSE refusals END, failing_since = CASE WHEN NOT :delivered THEN failing_since END,
       last_error = CASE WHEN NOT :delivered THEN last_error END, next_try_at = NULL,
       delivered_at = CASE WHEN :delivered THEN now() ELSE delivered_at END
 WHERE ${MINE} RETURNING id`,
);
/** An endpoint that nothing waits for does not fail, also where the last message was given up: else a quiet month would count against it. */
const RELEASE = statement(
  ["id", "epoch", "end"],
  Id,
  `UPDATE webhook SET lease_until = NULL, failing_since = CASE WHEN NOT :end THEN failing_since END WHERE ${MINE} RETURNING id`,
);
const FAIL = statement(
  ["id", "epoch", "error", "afterS", "refused"],
  Id,
  `
UPDATE webhook SET tries = tries + 1, refusals = refusals + :refused::boolean::int, failing_since = coalesce(failing_since, now()),
       last_error = :error, lease_until = NULL, next_try_at = now() + make_interval(secs => :afterS)
 WHERE ${MINE} RETURNING id`,
);
const DIE = statement(
  ["id", "epoch", "position", "kind", "error", "leaseS"],
  Id,
  `
WITH given_up AS (
  UPDATE webhook SET position = greatest(position, :position::bigint), tries = 0, refusals = 0, next_try_at = NULL, last_error = :error,
         failing_since = coalesce(failing_since, now()), lease_until = now() + make_interval(secs => :leaseS)
   WHERE ${MINE} RETURNING id, tries)
INSERT INTO webhook_letter (webhook_id, position, kind, tries, error)
SELECT g.id, :position::bigint, :kind, (SELECT w.tries + 1 FROM webhook w WHERE w.id = g.id), :error FROM given_up g
ON CONFLICT (webhook_id, position) DO UPDATE SET replay = false, tries = webhook_letter.tries + 1, error = excluded.error, died_at = now()
RETURNING webhook_id AS id`,
);
const TOOK_LETTER = statement(
  ["id", "epoch", "position"],
  Id,
  `
DELETE FROM webhook_letter WHERE webhook_id = :id::uuid AND position = :position::bigint
   AND EXISTS (SELECT FROM webhook WHERE ${MINE}) RETURNING webhook_id AS id`,
);
const OFF = statement(
  ["id", "epoch", "why"],
  Id,
  `UPDATE webhook SET off_at = now(), off_reason = :why, lease_until = NULL, next_try_at = NULL WHERE ${MINE} RETURNING id`,
);
const REPLAY = statement(
  ["id"],
  z.object({ position: z.coerce.number() }),
  "SELECT position FROM webhook_letter WHERE webhook_id = :id::uuid AND replay ORDER BY position LIMIT 1",
);
const SECRETS = statement(
  ["id"],
  z.object({ id: z.string(), sealed: z.instanceof(Buffer) }),
  `
SELECT id, sealed FROM webhook_secret WHERE webhook_id = :id::uuid AND (expires_at IS NULL OR expires_at > now())
 ORDER BY created_at DESC, id DESC`,
);

export type DeliveryRepository = ReturnType<typeof deliveryRepository>;

export function deliveryRepository({ sql, transaction }: Database) {
  const ledger = readRepository(sql);
  return {
    /** Takes every webhook that has something to do and that nobody is at. */
    lease: (): Promise<readonly Leased[]> => sql.rows(LEASE, { leaseS: LEASE_S }),
    /** What comes next: events of these kinds (null: of all), and the position up to which there are no others. */
    async next(
      after: number,
      kinds: readonly string[] | null,
    ): Promise<{
      readonly events: readonly LedgerEvent[];
      readonly upTo: number;
      readonly end: boolean;
    }> {
      // Asked first: what is sealed meanwhile lies behind it.
      const head = await ledger.head();
      const upTo = Math.min(head, after + WINDOW);
      const events = await ledger.between(after, upTo, kinds);
      const last = events.at(-1);
      const isFull = events.length === MOST_BETWEEN && last !== undefined;
      return { events, upTo: isFull ? last.position : upTo, end: !isFull && upTo === head };
    },
    /** The first event that is sent once more. */
    async replay(id: string): Promise<LedgerEvent | undefined> {
      const letter = await sql.row(REPLAY, { id });
      if (letter === undefined) return undefined;
      return (await ledger.between(letter.position - 1, letter.position, null))[0];
    },
    /** Sealed secrets that count, the newest first. */
    secrets: (id: string) => sql.rows(SECRETS, { id }),
    /** False: somebody else delivers now, or it was changed. */
    async advance({ id, epoch }: Leased, position: number, delivered: boolean): Promise<boolean> {
      const values = { id, epoch, position, delivered, leaseS: LEASE_S };
      return (await sql.row(ADVANCE, values)) !== undefined;
    },
    /** `end`: nothing is left to send. */
    async release({ id, epoch }: Leased, end: boolean): Promise<void> {
      await sql.row(RELEASE, { id, epoch, end });
    },
    /** Lets it rest for `afterS` seconds. `refused`: it answered, and does not want this very message. */
    async fail({ id, epoch }: Leased, error: string, afterS: number, refused: boolean) {
      await sql.row(FAIL, { id, epoch, error, afterS, refused });
    },
    /** Gives a message up and goes on after it. */
    async die({ id, epoch }: Leased, event: LedgerEvent, error: string): Promise<boolean> {
      const { position, kind } = event;
      const values = { id, epoch, position, kind, error, leaseS: LEASE_S };
      return (await sql.row(DIE, values)) !== undefined;
    },
    /** A dead letter arrived after all. */
    async tookLetter({ id, epoch }: Leased, position: number): Promise<void> {
      await sql.row(TOOK_LETTER, { id, epoch, position });
    },
    /** Switches it off; the alarm comes from the row. False: it is not ours any more. */
    off: ({ id, epoch, name, position }: Leased, why: string): Promise<boolean> =>
      transaction(async (tx) => {
        if ((await tx.row(OFF, { id, epoch, why })) === undefined) return false;
        const data = { position, why };
        await recordEvent(tx, { kind: "webhook.off", by: BY, subject: { id, name }, data });
        return true;
      }),
  };
}
