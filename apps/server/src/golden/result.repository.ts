import {
  type AttemptResult,
  Blame,
  FlashlineError,
  GOLDEN_STATES,
  type GoldenState,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { plainText } from "../db/json-text.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import type { Origin } from "../ledger/origin.ts";
import { endRun } from "./run-end.repository.ts";
import { tellChecked } from "./told.ts";

const Locked = z.object({
  state: z.enum(GOLDEN_STATES),
  stationId: z.string(),
  serial: z.string(),
  station: z.string(),
  nestId: z.string(),
  nest: z.string(),
  plantId: z.string(),
  manifestSha256: z.string(),
  runId: z.string().nullable(),
  result: z.instanceof(Buffer).nullable(),
});
const LOCK = statement(
  ["checkId"],
  Locked,
  `
SELECT c.state, c.station_id AS "stationId", g.serial, s.name AS station, n.id AS "nestId", n.name AS nest, g.plant_id AS "plantId",
       r.manifest_sha256 AS "manifestSha256", c.run_id AS "runId", c.result
  FROM golden_check c JOIN golden_unit g ON g.id = c.golden_id JOIN station s ON s.id = c.station_id JOIN nest n ON n.id = c.nest_id
  JOIN release r ON r.id = g.release_id WHERE c.id = :checkId::uuid FOR UPDATE OF c`,
);
const END = statement(
  [
    "checkId",
    "state",
    "code",
    "detail",
    "linkIncident",
    "profile",
    "durationMs",
    "result",
    "holds",
  ],
  z.object({}),
  `
UPDATE golden_check SET state = :state, ended_at = now(), code = :code, detail = :detail, link_incident = :linkIncident::boolean,
       profile = :profile, duration_ms = :durationMs::float8, result = :result::bytea, holds = :holds::boolean
 WHERE id = :checkId::uuid`,
);
/** By when it was started: a result that waited for the server says nothing about now. */
const MARK = statement(
  ["checkId", "passed"],
  z.object({}),
  `
INSERT INTO golden_nest AS gn (nest_id, passed_at, failed_at)
SELECT c.nest_id, CASE WHEN :passed::boolean THEN at.started END, CASE WHEN NOT :passed::boolean THEN at.started END
  FROM golden_check c CROSS JOIN LATERAL (SELECT coalesce(c.started_at, c.opened_at) AS started) at WHERE c.id = :checkId::uuid
ON CONFLICT (nest_id) DO UPDATE SET passed_at = greatest(gn.passed_at, excluded.passed_at), failed_at = greatest(gn.failed_at, excluded.failed_at)`,
);

/** Faults that say nothing about the nest: nobody may be stopped for them, and nothing is proved by them. */
const SAYS_NOTHING: readonly (string | null)[] = [Blame.Operator, Blame.System, Blame.Image];

type Judged = {
  readonly state: "passed" | "failed" | "void";
  readonly code: string | null;
  readonly detail: string | null;
};

function judge(checkId: string, body: AttemptResult, manifestSha256: string): Judged {
  const { outcome, code, blame, touched, detail = null } = body;
  if (
    body.attemptId !== checkId ||
    body.jobId !== checkId ||
    body.manifestSha256 !== manifestSha256
  ) {
    return { state: "void", code, detail: "The result is of another check or release." };
  }
  if (outcome === "PASS") {
    if (!touched || (body.erasedSectors ?? 0) === 0) {
      return { state: "void", code, detail: "It says PASS, and that nothing was erased." };
    }
    return { state: "passed", code: null, detail: null };
  }
  return { state: SAYS_NOTHING.includes(blame) ? "void" : "failed", code, detail };
}

export interface Accepted {
  readonly isNew: boolean;
  readonly state: GoldenState;
}

/**
 * The first result counts; the same bytes again change nothing. A failed check outside of a run, and a run that ends with failures, mark the nest to be
 * taken out of use. Rejects with `job.not_found`, and with `request.conflict` for another result of the same check.
 */
export const acceptResult = (
  { transaction }: Database,
  stationId: string,
  checkId: string,
  body: AttemptResult,
  bytes: Buffer,
  by: Origin,
): Promise<Accepted> =>
  transaction(async (sql) => {
    const check = await sql.row(LOCK, { checkId });
    if (check === undefined || check.stationId !== stationId) {
      throw new FlashlineError("job.not_found", "This station has no such check.");
    }
    if (check.result !== null) {
      if (check.result.equals(bytes)) return { isNew: false, state: check.state };
      throw new FlashlineError("request.conflict", "This check has another result already.");
    }
    const judged = judge(checkId, body, check.manifestSha256);
    const { state, code, detail } = judged;
    const { runId } = check;
    const counts = state !== "void";
    const failedRun =
      counts &&
      runId !== null &&
      (await countInRun(sql, runId, state === "failed", body.linkIncident, by));
    await sql.rows(END, {
      checkId,
      state,
      linkIncident: body.linkIncident,
      durationMs: body.durationMs,
      result: bytes,
      code: code === null ? null : plainText(code, 80),
      detail: detail === null ? null : plainText(detail, 500),
      profile: plainText(body.profile, 60),
      holds: runId === null ? state === "failed" : failedRun,
    });
    if (counts) await sql.rows(MARK, { checkId, passed: state === "passed" });
    await tellChecked(sql, checkId, check, { state, code, linkIncident: body.linkIncident }, by);
    return { isNew: true, state };
  });

const COUNT = statement(
  ["runId", "failed", "incident"],
  z.object({ made: z.number(), times: z.number(), failed: z.number(), state: z.string() }),
  `
UPDATE golden_run SET made = made + 1, failed = failed + CASE WHEN :failed::boolean THEN 1 ELSE 0 END,
       incidents = incidents + CASE WHEN :incident::boolean THEN 1 ELSE 0 END
 WHERE id = :runId::uuid RETURNING made, times, failed, state`,
);

/** True when the run has ended with it, and had failures. */
async function countInRun(
  sql: Sql,
  runId: string,
  failed: boolean,
  incident: boolean,
  by: Origin,
): Promise<boolean> {
  const run = await sql.row(COUNT, { runId, failed, incident });
  if (run === undefined || run.state !== "planned" || run.made < run.times) return false;
  await endRun(sql, runId, "done", null, by);
  return run.failed > 0;
}
