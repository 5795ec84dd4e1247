import {
  type DeadLetter,
  FlashlineError,
  type WebhookRequest,
  type WebhookView,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { isUniqueViolation } from "../db/errors.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

const Position = z.coerce.number();
const Row = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  kinds: z.array(z.string()),
  position: Position,
  head: Position,
  offAt: z.date().nullable(),
  offReason: z.string().nullable(),
  deliveredAt: z.date().nullable(),
  failingSince: z.date().nullable(),
  tries: z.number(),
  lastError: z.string().nullable(),
  nextTryAt: z.date().nullable(),
  deadLetters: z.number(),
  createdAt: z.date(),
  createdBy: z.string(),
});
type Row = z.infer<typeof Row>;

const HEAD = "(SELECT coalesce(max(position), 0) FROM ledger)";
const SELECT = `
SELECT w.id, w.name, w.url, w.kinds, w.position, ${HEAD} AS head, w.off_at AS "offAt", w.off_reason AS "offReason",
       w.delivered_at AS "deliveredAt", w.failing_since AS "failingSince", w.tries, w.last_error AS "lastError",
       w.next_try_at AS "nextTryAt", w.created_at AS "createdAt", w.created_by AS "createdBy",
       (SELECT count(*)::int FROM webhook_letter l WHERE l.webhook_id = w.id) AS "deadLetters"
  FROM webhook w`;
const ALL = statement([], Row, `${SELECT} ORDER BY w.name`);
const ONE = statement(["id"], Row, `${SELECT} WHERE w.id = :id::uuid`);
const LOCK = statement(
  ["id"],
  z.object({ id: z.string() }),
  "SELECT id FROM webhook WHERE id = :id::uuid FOR UPDATE",
);

const ADD = statement(
  ["id", "name", "url", "kinds", "after", "createdBy"],
  z.object({ id: z.string() }),
  `
INSERT INTO webhook (id, name, url, kinds, position, created_by)
SELECT :id::uuid, :name, :url, :kinds::text[], least(coalesce(:after::bigint, ${HEAD}), ${HEAD}), :createdBy RETURNING id`,
);
/** Whoever delivers writes nothing more once the epoch has grown. */
const CHANGE = statement(
  ["id", "url", "kinds", "on"],
  z.object({ id: z.string() }),
  `
UPDATE webhook SET url = coalesce(:url, url), kinds = coalesce(:kinds::text[], kinds), epoch = epoch + 1, lease_until = NULL,
       next_try_at = NULL, off_at = CASE WHEN :on::boolean THEN NULL WHEN NOT :on::boolean THEN coalesce(off_at, now()) ELSE off_at END,
       off_reason = CASE WHEN :on::boolean IS NULL THEN off_reason END,
       failing_since = CASE WHEN :on::boolean THEN NULL ELSE failing_since END,
       tries = CASE WHEN :on::boolean THEN 0 ELSE tries END, refusals = CASE WHEN :on::boolean THEN 0 ELSE refusals END
 WHERE id = :id::uuid RETURNING id`,
);
const ADD_SECRET = statement(
  ["id", "webhookId", "sealed"],
  z.object({ id: z.string() }),
  "INSERT INTO webhook_secret (id, webhook_id, sealed) VALUES (:id::uuid, :webhookId::uuid, :sealed) RETURNING id",
);
const END_SECRETS = statement(
  ["webhookId", "hours"],
  z.object({ expiresAt: z.date() }),
  `
UPDATE webhook_secret SET expires_at = least(expires_at, now() + make_interval(secs => :hours::float8 * 3600))
 WHERE webhook_id = :webhookId::uuid RETURNING expires_at AS "expiresAt"`,
);
const FORGET_SECRETS = statement(
  ["webhookId"],
  z.object({ id: z.string() }),
  "DELETE FROM webhook_secret WHERE webhook_id = :webhookId::uuid AND expires_at < now() RETURNING id",
);

const LETTERS = statement(
  ["id", "after", "limit"],
  z.object({
    position: Position,
    kind: z.string(),
    tries: z.number(),
    error: z.string(),
    diedAt: z.date(),
    replaying: z.boolean(),
  }),
  `
SELECT position, kind, tries, error, died_at AS "diedAt", replay AS replaying FROM webhook_letter
 WHERE webhook_id = :id::uuid AND position > :after::bigint ORDER BY position LIMIT :limit`,
);
const MEANT = `webhook_id = :id::uuid AND (:positions::bigint[] IS NULL OR position = ANY(:positions::bigint[]))`;
const REPLAY = statement(
  ["id", "positions"],
  z.object({ position: Position }),
  `UPDATE webhook_letter SET replay = true WHERE ${MEANT} AND NOT replay RETURNING position`,
);
const DISCARD = statement(
  ["id", "positions"],
  z.object({ position: Position }),
  `DELETE FROM webhook_letter WHERE ${MEANT} RETURNING position`,
);
const SOON = statement(
  ["id"],
  z.object({ id: z.string() }),
  "UPDATE webhook SET next_try_at = NULL WHERE id = :id::uuid RETURNING id",
);

/** Where a sealed secret belongs: it opens nowhere else. */
export const secretPlaceOf = (webhookId: string, secretId: string): string =>
  `webhook ${webhookId}/${secretId}`;

/** Seals a secret for its place. */
export type Seal = (place: string, secret: string) => Uint8Array;

function viewOf({ offAt, head, ...row }: Row): WebhookView {
  const time = (at: Date | null) => at?.toISOString() ?? null;
  return {
    ...row,
    on: offAt === null,
    behind: Math.max(0, head - row.position),
    deliveredAt: time(row.deliveredAt),
    failingSince: time(row.failingSince),
    nextTryAt: time(row.nextTryAt),
    createdAt: row.createdAt.toISOString(),
  };
}

async function one(sql: Sql, id: string): Promise<WebhookView> {
  const row = await sql.row(ONE, { id });
  if (row === undefined) throw new FlashlineError("request.not_found");
  return viewOf(row);
}

/** The webhook, locked until the end of the transaction. */
async function locked(tx: Sql, id: string): Promise<WebhookView> {
  await tx.row(LOCK, { id });
  return await one(tx, id);
}

const subjectOf = ({ id, name }: WebhookView) => ({ id, name });

/** What the ledger may tell of a webhook: in a path or a query there may be a key, and more people read the ledger. */
const told = ({ url, kinds, on }: WebhookView) => ({ origin: new URL(url).origin, kinds, on });

async function addSecret(tx: Sql, webhookId: string, secret: string, seal: Seal): Promise<void> {
  const id = newId();
  const sealed = seal(secretPlaceOf(webhookId, id), secret);
  await tx.row(ADD_SECRET, { id, webhookId, sealed });
}

export function webhooksRepository({ sql, transaction }: Database, seal: Seal) {
  return {
    list: async (): Promise<WebhookView[]> => (await sql.rows(ALL, {})).map(viewOf),
    one: (id: string): Promise<WebhookView> => one(sql, id),
    /** Rejects with `request.conflict` where the name is taken. */
    async add(
      { name, url, kinds, after }: z.output<typeof WebhookRequest>,
      secret: string,
      by: Origin,
    ): Promise<WebhookView> {
      const id = newId();
      const work = async (tx: Sql): Promise<WebhookView> => {
        const createdBy = actorOf(by);
        await tx.row(ADD, { id, name, url, kinds, after: after ?? null, createdBy });
        await addSecret(tx, id, secret, seal);
        const added = await one(tx, id);
        await recordEvent(tx, {
          kind: "webhook.added",
          by,
          subject: subjectOf(added),
          after: told(added),
          data: { position: added.position },
        });
        return added;
      };
      return await transaction(work).catch((cause: unknown) => {
        if (!isUniqueViolation(cause)) throw cause;
        throw new FlashlineError("request.conflict", `There is a webhook ${name} already.`, {
          cause,
          parameters: { name },
        });
      });
    },
    change(
      id: string,
      change: {
        readonly url: string | undefined;
        readonly kinds: readonly string[] | undefined;
        readonly on: boolean | undefined;
      },
      reason: string,
      by: Origin,
    ): Promise<WebhookView> {
      return transaction(async (tx) => {
        const was = await locked(tx, id);
        const { url = null, kinds = null, on = null } = change;
        await tx.row(CHANGE, { id, url, kinds, on });
        const is = await one(tx, id);
        const changed = (["url", "kinds", "on"] as const).filter(
          (name) => JSON.stringify(was[name]) !== JSON.stringify(is[name]),
        );
        if (changed.length === 0) return is;
        await recordEvent(tx, {
          kind: "webhook.changed",
          by,
          subject: subjectOf(is),
          before: told(was),
          after: told(is),
          reason,
          data: { changed },
        });
        return is;
      });
    },
    remove(id: string, by: Origin): Promise<WebhookView> {
      return transaction(async (tx) => {
        const was = await locked(tx, id);
        const { position, deadLetters } = was;
        await tx.execute("DELETE FROM webhook WHERE id = $1", [id]);
        const data = { position, deadLetters };
        await recordEvent(tx, { kind: "webhook.removed", by, subject: subjectOf(was), data });
        return was;
      });
    },
    /** Until when the secret of before goes on. */
    rotate(id: string, secret: string, hours: number, by: Origin) {
      return transaction(async (tx) => {
        const webhook = await locked(tx, id);
        await tx.rows(FORGET_SECRETS, { webhookId: id });
        const [ended] = await tx.rows(END_SECRETS, { webhookId: id, hours });
        await addSecret(tx, id, secret, seal);
        const oldUntil = (ended?.expiresAt ?? new Date()).toISOString();
        await recordEvent(tx, {
          kind: "webhook.secret-rotated",
          by,
          subject: subjectOf(webhook),
          data: { oldUntil },
        });
        return { webhook, oldUntil };
      });
    },
    tested(webhook: WebhookView, ok: boolean, status: number | null, by: Origin): Promise<void> {
      const data = { ok, status };
      return recordEvent(sql, { kind: "webhook.tested", by, subject: subjectOf(webhook), data });
    },
    async letters(id: string, after: number, limit: number): Promise<DeadLetter[]> {
      const rows = await sql.rows(LETTERS, { id, after, limit });
      return rows.map((row) => ({ ...row, diedAt: row.diedAt.toISOString() }));
    },
    /** How many are sent once more, or were removed. */
    replay(
      id: string,
      positions: readonly number[] | null,
      discarded: boolean,
      by: Origin,
    ): Promise<number> {
      return transaction(async (tx) => {
        const webhook = await locked(tx, id);
        const meant = await tx.rows(discarded ? DISCARD : REPLAY, { id, positions });
        await tx.row(SOON, { id });
        const data = { letters: meant.length, discarded };
        await recordEvent(tx, { kind: "webhook.replayed", by, subject: subjectOf(webhook), data });
        return meant.length;
      });
    },
  };
}
