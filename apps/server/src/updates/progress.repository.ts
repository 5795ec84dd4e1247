import type { UpdateProgress } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { jsonText } from "../db/json-text.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { type Origin, ofServer } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { LOCK, type Push, SET_STATE, subjectOf, TOLD } from "./pushes.repository.ts";

const KEEP_FACTS = statement(
  ["stationId", "facts"],
  z.object({}),
  `UPDATE station SET update_facts = :facts::jsonb WHERE id = :stationId::uuid AND update_facts IS DISTINCT FROM :facts::jsonb`,
);
/** The push is locked before its places, as by whoever changes a push. */
const PLACE = statement(
  ["id", "stationId"],
  z.object({ pushId: z.string() }),
  `SELECT push_id AS "pushId" FROM station_update WHERE id = :id::uuid AND station_id = :stationId::uuid`,
);
const PROGRESS = statement(
  ["id", "state", "progress"],
  z.object({ station: z.string(), stationId: z.string(), before: z.string(), plantId: z.string() }),
  `
UPDATE station_update u SET state = :state, progress = :progress::jsonb, at = now()
  FROM station s JOIN line l ON l.id = s.line_id
 WHERE u.id = :id::uuid AND s.id = u.station_id AND (u.state = 'told' OR u.state = 'ended' AND :state = 'done')
   AND (u.state <> :state OR u.progress IS DISTINCT FROM :progress::jsonb)
RETURNING s.name AS station, s.id AS "stationId", u.before, l.plant_id AS "plantId"`,
);

async function failed(
  tx: Sql,
  push: z.infer<typeof Push>,
  station: string,
): Promise<readonly string[]> {
  if (push.state !== "running") return [];
  const stateReason = `It failed at ${station}.`;
  await tx.row(SET_STATE, { id: push.id, state: "stopped", stateReason });
  await recordEvent(tx, {
    kind: "update.stopped",
    by: ofServer("update-pushes"),
    subject: subjectOf(push),
    data: { version: push.version, station },
  });
  return (await tx.rows(TOLD, { id: push.id })).map(({ stationId }) => stationId);
}

export type ProgressRepository = ReturnType<typeof progressRepository>;

/** What stations tell. */
export function progressRepository({ sql, transaction }: Database) {
  return {
    async keepFacts(stationId: string, facts: object): Promise<void> {
      await sql.row(KEEP_FACTS, { stationId, facts: jsonText(facts) });
    },
    /** What a station tells of an update. Of one that is over nothing changes. Answers with stations that should ask, null where nothing changed. */
    take(
      stationId: string,
      { id, ...progress }: UpdateProgress,
      by: Origin,
    ): Promise<readonly string[] | null> {
      return transaction(async (tx) => {
        const place = await tx.row(PLACE, { id, stationId });
        const push = place && (await tx.row(LOCK, { id: place.pushId }));
        if (push === undefined) return null;
        const { step, code, detail, runs } = progress;
        const state = step === "done" || step === "failed" ? step : "told";
        const moved = await tx.row(PROGRESS, { id, state, progress: jsonText(progress) });
        if (moved === undefined) return null;
        if (state === "told") return [];
        const { station, plantId, before } = moved;
        const common = { by, plantId, subject: { id: stationId, name: station } };
        const data = { push: push.id, version: push.version, from: before };
        if (state === "done") {
          await recordEvent(tx, { kind: "station.updated", ...common, data });
          return [stationId];
        }
        const failure = { ...data, code: code ?? "", detail, runs };
        await recordEvent(tx, { kind: "station.update-failed", ...common, data: failure });
        return [stationId, ...(await failed(tx, push, station))];
      });
    },
  };
}
