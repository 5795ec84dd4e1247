import {
  FlashlineError,
  type HostPacing,
  type HostProfileEffect,
  TRIAL_PROFILES,
  type TrialProfile,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { HOST_NAME } from "../db/host-names.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { trialsOf, viewOf } from "./trial.repository.ts";

const profile = z.enum(TRIAL_PROFILES).nullable();
const HOST = statement(
  ["id"],
  z.object({
    name: z.string(),
    profile,
    plantId: z.string().nullable(),
    extra: z.number().nullable(),
  }),
  `
SELECT hn.name, h.profile, l.plant_id AS "plantId",
       (SELECT (t.figures ->> 'extra')::float8 FROM pacing_trial t
         WHERE t.controller = coalesce(nullif(h.controller, ''), h.driver) AND t.virtual = h.virtual AND (t.figures ->> 'pairs')::int > 0
         ORDER BY (t.figures ->> 'pairs')::int DESC, t.id LIMIT 1) AS extra
  FROM host h ${HOST_NAME} LEFT JOIN station s ON s.name = hn.station LEFT JOIN line l ON l.id = s.line_id
 WHERE h.id = :id::uuid`,
);
const LOCK = statement(
  ["id"],
  z.object({ id: z.string() }),
  "SELECT id FROM host WHERE id = :id::uuid FOR NO KEY UPDATE",
);
const SET = statement(
  ["id", "profile"],
  z.object({}),
  "UPDATE host SET profile = :profile WHERE id = :id::uuid",
);

async function find(sql: Sql, id: string, after: TrialProfile | null) {
  const row = await sql.row(HOST, { id });
  if (row === undefined) throw new FlashlineError("request.not_found", "There is no such host.");
  const { name, profile: before, plantId, extra } = row;
  return { plantId, effect: { host: id, name, before, after, extra } satisfies HostProfileEffect };
}

/** Rejects with `request.not_found`. */
export async function hostPacing({ sql }: Database, id: string): Promise<HostPacing> {
  const { effect } = await find(sql, id, null);
  const trials = await trialsOf(sql, id);
  return { profile: effect.before, trials: trials.map(viewOf) };
}

/** What {@link setProfile} would do. Rejects with `request.not_found`. */
export const previewProfile = async (
  { sql }: Database,
  id: string,
  after: TrialProfile | null,
): Promise<HostProfileEffect> => (await find(sql, id, after)).effect;

/** Units that start from now on start with it. The same again changes nothing. Rejects with `request.not_found`. */
export const setProfile = (
  { transaction }: Database,
  id: string,
  { profile: after, reason }: { readonly profile: TrialProfile | null; readonly reason: string },
  by: Origin,
): Promise<HostProfileEffect> =>
  transaction(async (sql) => {
    await sql.row(LOCK, { id });
    const { effect, plantId } = await find(sql, id, after);
    if (effect.before === after) return effect;
    await sql.rows(SET, { id, profile: after });
    await recordEvent(sql, {
      kind: "host.paced",
      by,
      reason,
      ...(plantId === null ? {} : { plantId }),
      subject: { id, name: effect.name },
      before: { profile: effect.before },
      after: { profile: after },
      data: { profile: after },
    });
    return effect;
  });
