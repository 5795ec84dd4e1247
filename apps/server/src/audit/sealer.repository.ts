import { z } from "zod";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { EVENT_COLUMNS, EventRow, FIRST_PREVIOUS, hashOf, NAMES_SQL } from "./chain.ts";

/** Any number that nothing else locks. Held to the end of a batch: a sealer that dies leaves it. */
const SEAL_LOCK = 4_706_422;
/** Events of one batch. */
const MOST = 1_000;

const LOCK = statement(
  ["lock"],
  z.object({ mine: z.boolean(), now: z.date() }),
  "SELECT pg_try_advisory_xact_lock(:lock) AS mine, now()::timestamptz(3) AS now",
);
const HEAD = statement(
  [],
  z.object({ position: z.coerce.number(), hash: z.instanceof(Buffer) }),
  "SELECT position, hash FROM ledger ORDER BY position DESC LIMIT 1",
);
const OPEN = statement(
  ["most"],
  EventRow.extend({ seq: z.string() }),
  `SELECT e.seq, ${EVENT_COLUMNS} FROM ledger_open e ${NAMES_SQL} ORDER BY e.seq LIMIT :most`,
);
const COLUMNS = `id, at, kind, version, who_kind, who_id, who_name, address, door, operation, plant_id, subject_kind, subject_id,
  subject_name, before, after, reason, data`;
const SEAL = `
INSERT INTO ledger (position, hash, sealed_at, ${COLUMNS})
SELECT given.position, given.hash, $4, ${COLUMNS}
  FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) AS given (seq, position, hash) JOIN ledger_open o ON o.seq = given.seq`;
const CLEAR = "DELETE FROM ledger_open WHERE seq = ANY($1::bigint[])";

export interface SealerRepository {
  /**
   * Seals the oldest open events: gives them the next positions, chains them, and takes them out of what is open, all in one
   * transaction. `more` says whether some are left. Null: another replica is at it.
   */
  seal(): Promise<{
    readonly sealed: number;
    readonly head: number;
    readonly more: boolean;
  } | null>;
  /** Whether there is anything to seal. */
  hasOpen(): Promise<boolean>;
}

async function sealBatch(tx: Sql): ReturnType<SealerRepository["seal"]> {
  const lock = await tx.row(LOCK, { lock: SEAL_LOCK });
  if (lock?.mine !== true) return null;
  const head = await tx.row(HEAD, {});
  // Asked for once the lock is held: what an earlier sealer sealed is not open any more.
  const open = await tx.rows(OPEN, { most: MOST });
  let position = head?.position ?? 0;
  let previous = head?.hash ?? FIRST_PREVIOUS;
  const links = open.map((row) => {
    position += 1;
    previous = hashOf(row, { position, previous, sealedAt: lock.now });
    return { seq: row.seq, position, hash: previous };
  });
  if (links.length > 0) {
    const seqs = links.map(({ seq }) => seq);
    const positions = links.map((link) => link.position);
    const hashes = links.map(({ hash }) => hash);
    await tx.execute(SEAL, [seqs, positions, hashes, lock.now]);
    await tx.execute(CLEAR, [seqs]);
  }
  return { sealed: links.length, head: position, more: open.length === MOST };
}

export const sealerRepository = (db: Database): SealerRepository => ({
  seal: () => db.transaction(sealBatch),
  async hasOpen() {
    const [row] = await db.sql.query<{ open: boolean }>(
      "SELECT EXISTS (SELECT FROM ledger_open) AS open",
    );
    return row?.open === true;
  },
});
