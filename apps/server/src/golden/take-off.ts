import { FlashlineError } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { statement } from "../db/statement.ts";
import type { SetHold } from "../guard/guard.ts";
import { ofServer } from "../ledger/origin.ts";

const FAILED = statement(
  [],
  z.object({
    id: z.string(),
    station: z.string(),
    nest: z.string(),
    serial: z.string(),
    code: z.string().nullable(),
    run: z.object({ failed: z.number(), made: z.number() }).nullable(),
  }),
  `
SELECT c.id, s.name AS station, n.name AS nest, g.serial, c.code,
       (SELECT json_build_object('failed', run.failed, 'made', run.made) FROM golden_run run WHERE run.id = c.run_id) AS run
  FROM golden_check c JOIN golden_unit g ON g.id = c.golden_id JOIN station s ON s.id = c.station_id JOIN nest n ON n.id = c.nest_id
 WHERE c.holds ORDER BY c.id LIMIT 100`,
);
const DONE = statement(
  ["id"],
  z.object({}),
  "UPDATE golden_check SET holds = false WHERE id = :id::uuid",
);

/** Somebody stopped the nest before, or it is gone: it takes no units either way. */
const isStopped = (error: unknown): boolean =>
  error instanceof FlashlineError && ["request.conflict", "request.not_found"].includes(error.code);

/**
 * Takes nests out of use whose check failed. The mark is in the transaction of the result, and goes only once the hold is there: a server that dies in
 * between leaves it to the next look. Several replicas may do it at once: the same hold again changes nothing.
 */
export async function takeOff({ sql }: Database, setHold: SetHold): Promise<void> {
  for (const { id, station, nest, serial, code, run } of await sql.rows(FAILED, {})) {
    const reason =
      run === null
        ? `Golden unit ${serial} failed here: ${code ?? "no code"}.`
        : `Golden run with ${serial}: ${run.failed} of ${run.made} checks failed.`;
    try {
      await setHold({ kind: "nest", station, nest }, reason, ofServer("golden"));
    } catch (error) {
      if (!isStopped(error)) throw error;
    }
    await sql.rows(DONE, { id });
  }
}
