import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

/** Any number that nothing else locks. Held to the end of a turn: a replica that dies leaves it. */
export const VERDICT_LOCK = 4_706_424;
/** So long after it worked last a replica is still the one that works, because it has the state in memory. Seconds. */
const STAYS_S = 5;

const Progress = z.object({
  mine: z.boolean(),
  /** Another replica worked just now. */
  elsewhere: z.boolean(),
  position: z.coerce.number(),
  historyAt: z.date().nullable(),
  historyId: z.string().nullable(),
  historyUntil: z.date().nullable(),
  historyDone: z.boolean(),
  silentUntil: z.coerce.number(),
  at: z.coerce.number(),
  turn: z.coerce.number(),
  /** By which method the state was worked out; 0: not yet. A server that knows other methods may have gone on with it. */
  method: z.number(),
  /** What is read in silence was read before. */
  replay: z.boolean(),
});
/** How far the verdict has read what happened. */
export type Progress = z.output<typeof Progress>;

const TAKE = statement(
  ["lock", "worker", "stays"],
  Progress,
  `
SELECT pg_try_advisory_xact_lock(:lock) AS mine,
       coalesce(worker <> :worker AND worked_at > now() - make_interval(secs => :stays), false) AS elsewhere,
       position, history_at AS "historyAt", history_id AS "historyId", history_until AS "historyUntil", history_done AS "historyDone",
       silent_until AS "silentUntil", at, turn, replay,
       -- A server of before counts its turns and does not name its method.
       CASE WHEN method > 0 AND method_turn <> turn THEN -1 ELSE method END AS method
  FROM verdict_progress`,
);

const KEEP = statement(
  [
    ...["worker", "position", "historyAt", "historyId", "historyUntil"],
    ...["historyDone", "silentUntil", "at", "turn", "method", "replay"],
  ],
  z.object({}),
  `
UPDATE verdict_progress
   SET worker = :worker, worked_at = now(), position = :position::bigint, history_at = :historyAt, history_id = :historyId::uuid,
       history_until = :historyUntil, history_done = :historyDone::boolean, silent_until = :silentUntil::bigint, at = :at::bigint,
       turn = :turn::bigint, method = :method::int, method_turn = :turn::bigint, replay = :replay::boolean`,
);

const WAIT = statement(
  ["lock"],
  z.object({ position: z.coerce.number() }),
  "SELECT position FROM verdict_progress WHERE pg_advisory_xact_lock(:lock) IS NOT NULL",
);
const RESTART = statement(
  ["method"],
  z.object({}),
  `
UPDATE verdict_progress
   SET position = 0, history_at = NULL, history_id = NULL, history_until = NULL, history_done = false,
       silent_until = greatest(silent_until, position), at = 0, turn = turn + 1, method = :method, method_turn = turn + 1, replay = true`,
);

/** Where the verdict stands, for whoever may work on it now; undefined where another replica does. `patient` waits for no replica either. */
export async function takeTurn(
  sql: Sql,
  worker: string,
  patient: boolean,
): Promise<Progress | undefined> {
  const row = await sql.row(TAKE, { lock: VERDICT_LOCK, worker, stays: STAYS_S });
  return row?.mine !== true || (patient && row.elsewhere) ? undefined : row;
}

export async function keepProgress(
  sql: Sql,
  worker: string,
  { mine: _mine, elsewhere: _elsewhere, ...progress }: Progress,
): Promise<void> {
  await sql.rows(KEEP, { worker, ...progress });
}

/** Waits for a turn that runs, and keeps others from it until the end of the transaction. Up to which position the ledger was read. */
export const waitTurn = async (sql: Sql): Promise<number> =>
  (await sql.row(WAIT, { lock: VERDICT_LOCK }))?.position ?? 0;

/** From now on everything is read anew, by this method; what was told stays told. */
export async function restartProgress(sql: Sql, method: number): Promise<void> {
  await sql.rows(RESTART, { method });
}
