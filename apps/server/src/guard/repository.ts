import { RUNGS, SPARED_FOR, type SparedFor } from "@flashline/contract";
import { z } from "zod";
import { HOST_NAME } from "../db/host-names.ts";
import { jsonText } from "../db/json-text.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

const Plant = z.object({ id: z.string(), name: z.string(), on: z.boolean() });
const PLANT = `
SELECT id, name, guard AS "on" FROM plant WHERE id::text = lower(:idOrName) OR name = :idOrName
 ORDER BY id::text = lower(:idOrName) DESC LIMIT 1`;
const FIND = statement(["idOrName"], Plant, PLANT);
const LOCK = statement(["idOrName"], Plant, `${PLANT} FOR NO KEY UPDATE`);
const SET = statement(
  ["id", "on"],
  z.object({}),
  "UPDATE plant SET guard = :on::boolean WHERE id = :id::uuid",
);
const GUARDED = statement(
  [],
  z.object({ id: z.string() }),
  "SELECT id FROM plant WHERE guard ORDER BY name",
);

/** A host that had no unit for so long is not of the plant any more: as the verdict has it. */
const PRESENT_DAYS = 14;

const Row = z.object({
  id: z.string(),
  name: z.string(),
  population: z.string(),
  line: z.string(),
  rung: z.enum(RUNGS),
  r: z.number(),
  evidence: z.string(),
  heldBy: z.enum(["person", "guard"]).nullable(),
  step: z.string().nullable(),
  spared: z.object({ step: z.string(), why: z.enum(SPARED_FOR), at: z.string() }).nullable(),
});
/** A host of a plant with what the verdict and holds say of it. */
export type GuardRow = z.output<typeof Row>;

/** The step counts only while no hold was lifted after it: who lifted one has decided. */
const HOSTS = statement(
  ["plantId", "days"],
  Row,
  `
SELECT h.id, hn.name, v.population, v.state ->> 'line' AS line, coalesce(h.statistics ->> 'rung', 'OK') AS rung,
       coalesce((h.statistics ->> 'r')::float8, 0) AS r, h.evidence,
       (SELECT o.origin FROM hold o WHERE o.target_id = h.id AND o.lifted_at IS NULL) AS "heldBy", t.id AS step, h.guard_spared AS spared
  FROM verdict_state v JOIN host h ON h.id::text = v.name ${HOST_NAME}
  LEFT JOIN LATERAL (
    SELECT p.id FROM verdict_step p
     WHERE p.level = 'controller' AND p.name = v.name AND p.population = v.population AND p.to_rung = 'QUARANTINE'
       AND NOT EXISTS (SELECT FROM hold o WHERE o.target_id = h.id AND o.lifted_at > p.at)
     ORDER BY p.at DESC LIMIT 1) t ON true
 WHERE v.kind = 'host' AND v.population IN (:plantId::text, :plantId::text || ' virtual')
   AND to_timestamp((v.state ->> 'at')::float8 / 1000) > now() - make_interval(days => :days::int)
 ORDER BY v.population, h.id`,
);

const SPARE = statement(
  ["host", "spared"],
  z.object({}),
  "UPDATE host SET guard_spared = :spared::jsonb WHERE id = :host::uuid",
);

export const findPlant = (sql: Sql, idOrName: string) => sql.row(FIND, { idOrName });
export const lockPlant = (sql: Sql, idOrName: string) => sql.row(LOCK, { idOrName });
export async function switchGuard(sql: Sql, id: string, on: boolean): Promise<void> {
  await sql.rows(SET, { id, on });
}
export const guardedPlants = async (sql: Sql): Promise<readonly string[]> =>
  (await sql.rows(GUARDED, {})).map(({ id }) => id);

/** Its hosts of the last fourteen days. Those with virtual units are a population of their own. */
export const hostsOf = (sql: Sql, plantId: string): Promise<readonly GuardRow[]> =>
  sql.rows(HOSTS, { plantId, days: PRESENT_DAYS });

export async function spareHost(
  sql: Sql,
  host: string,
  spared: { readonly step: string; readonly why: SparedFor; readonly at: string },
): Promise<void> {
  await sql.rows(SPARE, { host, spared: jsonText(spared) });
}
