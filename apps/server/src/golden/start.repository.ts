import {
  FlashlineError,
  type GoldenStartRequest,
  type GoldenState,
  hostKey,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { firstHeldSql, Held } from "../db/held.ts";
import { jsonText, plainText } from "../db/json-text.ts";
import { statement } from "../db/statement.ts";
import { refusalError } from "../jobs/refusal.ts";
import { holdRefusal } from "../jobs/rules.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { mostWorn, withErased } from "./left.ts";
import { tellChecked } from "./told.ts";

const Locked = z.object({
  state: z.string(),
  stationId: z.string(),
  goldenId: z.string(),
  serial: z.string(),
  station: z.string(),
  nestId: z.string(),
  nest: z.string(),
  plantId: z.string(),
  retired: z.boolean(),
  cycles: z.number(),
  sectors: z.record(z.string(), z.number()),
  virtualAllowed: z.boolean(),
  held: Held.nullable(),
  runId: z.string().nullable(),
  runState: z.string().nullable(),
});

/** The golden unit's row is locked before its check's. */
const LOCK_UNIT = statement(
  ["checkId"],
  z.object({ id: z.string() }),
  "SELECT id FROM golden_unit WHERE id = (SELECT golden_id FROM golden_check WHERE id = :checkId::uuid) FOR UPDATE",
);
const LOCK = statement(
  ["checkId"],
  Locked,
  `
SELECT c.state, c.station_id AS "stationId", g.id AS "goldenId", g.serial, s.name AS station, n.id AS "nestId", n.name AS nest,
       g.plant_id AS "plantId", g.retired_at IS NOT NULL AS retired, g.cycles, g.sectors, p.allow_virtual AS "virtualAllowed",
       ${firstHeldSql(["s.line_id", "s.id", "n.id"])} AS held, c.run_id AS "runId",
       (SELECT run.state FROM golden_run run WHERE run.id = c.run_id) AS "runState"
  FROM golden_check c JOIN golden_unit g ON g.id = c.golden_id JOIN station s ON s.id = c.station_id JOIN nest n ON n.id = c.nest_id
  JOIN release r ON r.id = g.release_id JOIN product p ON p.id = r.product_id
 WHERE c.id = :checkId::uuid FOR UPDATE OF c`,
);
const WEAR = statement(
  ["goldenId", "sectors", "worn"],
  z.object({}),
  `
UPDATE golden_unit SET sectors = :sectors::jsonb, worn = :worn::int, turn = turn + 1, checks = checks + 1, last_check_at = now()
 WHERE id = :goldenId::uuid`,
);
const START = statement(
  ["checkId", "hostKey", "virtual", "sectors"],
  z.object({}),
  `
UPDATE golden_check SET state = 'running', started_at = now(), host_key = :hostKey, virtual = :virtual::boolean, sectors = :sectors::bigint[]
 WHERE id = :checkId::uuid`,
);
const GIVE_UP = statement(
  ["checkId", "code", "detail"],
  z.object({}),
  "UPDATE golden_check SET state = 'void', ended_at = now(), code = :code, detail = :detail WHERE id = :checkId::uuid",
);

const notHere = (): FlashlineError =>
  new FlashlineError("job.not_found", "This station has no such check.");

/**
 * About to erase these sectors: their cycles count from here on, whatever becomes of the check. The same again counts nothing. Rejects with `golden.*`,
 * `preflight.*` and `job.*`: then nothing may be erased.
 */
export const startCheck = (
  { transaction }: Database,
  stationId: string,
  checkId: string,
  { host, virtual, sectors }: z.output<typeof GoldenStartRequest>,
  by: Origin,
): Promise<GoldenState> =>
  transaction(async (sql): Promise<GoldenState> => {
    await sql.row(LOCK_UNIT, { checkId });
    const check = await sql.row(LOCK, { checkId });
    if (check === undefined || check.stationId !== stationId) throw notHere();
    const { state, serial, station, nest, held, cycles, runId } = check;
    if (state === "running") return "running";
    if (state !== "open") {
      throw new FlashlineError("job.state", `The check is ${state}; nothing may be started.`, {
        parameters: { state },
      });
    }
    if (held !== null) throw refusalError(holdRefusal(held, nest));
    if (check.retired) throw new FlashlineError("golden.retired");
    if (runId !== null && check.runState !== "planned") throw new FlashlineError("golden.run_over");
    if (virtual && !check.virtualAllowed) throw new FlashlineError("preflight.virtual_unit");
    const after = withErased(check.sectors, sectors);
    const worn = mostWorn(after);
    if (worn > cycles) {
      const message = `A sector of ${serial} would have its cycle ${worn} of ${cycles}.`;
      throw new FlashlineError("golden.worn_out", message, { parameters: { serial, cycles } });
    }
    await sql.rows(WEAR, { goldenId: check.goldenId, sectors: jsonText(after), worn });
    await sql.rows(START, { checkId, hostKey: plainText(hostKey(host), 600), virtual, sectors });
    await recordEvent(sql, {
      kind: "golden.started",
      by,
      plantId: check.plantId,
      subject: { id: check.nestId, name: `${station}/${nest}` },
      data: { check: checkId, serial, station, nest, run: runId, sectors: [...sectors], worn },
    });
    return "running";
  });

/** Nothing was erased. Cycles that were counted stay counted. The same again changes nothing. Rejects with `job.not_found`. */
export const giveUpCheck = (
  { transaction }: Database,
  stationId: string,
  checkId: string,
  { code, message }: { readonly code: string; readonly message: string },
  by: Origin,
): Promise<GoldenState> =>
  transaction(async (sql): Promise<GoldenState> => {
    const check = await sql.row(LOCK, { checkId });
    if (check === undefined || check.stationId !== stationId) throw notHere();
    if (check.state !== "open" && check.state !== "running") return "void";
    await sql.rows(GIVE_UP, { checkId, code: plainText(code), detail: plainText(message) });
    await tellChecked(sql, checkId, check, { state: "void", code, linkIncident: false }, by);
    return "void";
  });
