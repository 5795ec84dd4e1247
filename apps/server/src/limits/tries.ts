import { FlashlineError } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

/** So many tries of one kind in a time that begins with the first. */
export interface Limit {
  readonly most: number;
  readonly inMs: number;
}

/** Tries of what can be guessed, counted for all replicas together. A key names what is tried, and where or about whom. */
export interface Tries {
  /** Counts one more. Rejects with `request.rate_limited` beyond the limit. */
  take(key: string, limit: Limit): Promise<void>;
  /** It was no guess: the key's tries are forgotten. */
  forget(key: string): Promise<void>;
  /** Keeps a key for a time, milliseconds from now. */
  remember(key: string, forMs: number): Promise<void>;
  isRemembered(key: string): Promise<boolean>;
  /** Removes what ended. */
  sweep(): Promise<void>;
}

const TAKE = statement(
  ["key", "inMs"],
  z.object({ count: z.number(), seconds: z.number() }),
  `
INSERT INTO tries AS t (key, count, ends_at) VALUES (:key, 1, now() + :inMs * interval '1 ms')
ON CONFLICT (key) DO UPDATE
   SET count = CASE WHEN t.ends_at <= now() THEN 1 ELSE least(t.count + 1, 1000000) END,
       ends_at = CASE WHEN t.ends_at <= now() THEN excluded.ends_at ELSE t.ends_at END
RETURNING count, ceil(extract(epoch FROM ends_at - now()))::int AS seconds`,
);
const REMEMBERED = statement(
  ["key"],
  z.object({ key: z.string() }),
  "SELECT key FROM tries WHERE key = :key AND ends_at > now()",
);

const REMEMBER = `
INSERT INTO tries (key, count, ends_at) VALUES ($1, 1, now() + $2 * interval '1 ms')
ON CONFLICT (key) DO UPDATE SET ends_at = excluded.ends_at`;

/** The refusal of a request that came too soon after too many others; the answer says when to come back. */
export const tooMany = (seconds: number): FlashlineError =>
  new FlashlineError("request.rate_limited", `Too many requests: come back in ${seconds} s.`, {
    parameters: { seconds },
    details: { retryAfterSeconds: seconds },
  });

export function triesOn(sql: Sql): Tries {
  return {
    async take(key, { most, inMs }) {
      const row = await sql.row(TAKE, { key, inMs });
      if (row !== undefined && row.count > most) throw tooMany(row.seconds);
    },
    async forget(key) {
      await sql.execute("DELETE FROM tries WHERE key = $1", [key]);
    },
    async remember(key, forMs) {
      await sql.execute(REMEMBER, [key, forMs]);
    },
    async isRemembered(key) {
      return (await sql.row(REMEMBERED, { key })) !== undefined;
    },
    async sweep() {
      await sql.execute("DELETE FROM tries WHERE ends_at < now()");
    },
  };
}
