import { FlashlineError, type PushView } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { jsonText } from "../db/json-text.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { nextOf, type Placed } from "./plan.ts";
import { CONNECTED, PLACE_COLUMNS, PlaceRow, updateOf } from "./stations.repository.ts";

export const Push = z.object({
  id: z.string(),
  version: z.string(),
  downgrade: z.boolean(),
  reason: z.string(),
  state: z.string(),
  stateReason: z.string().nullable(),
  pushedAt: z.date(),
  pushedBy: z.string(),
});
const PUSH = `q.id, q.version, q.downgrade, q.reason, q.state, q.state_reason AS "stateReason", q.pushed_at AS "pushedAt", q.pushed_by AS "pushedBy"`;
const LIST = statement(
  ["after", "limit"],
  Push,
  `
SELECT ${PUSH} FROM update_push q
 WHERE :after::uuid IS NULL OR (q.pushed_at, q.id) < (SELECT pushed_at, id FROM update_push WHERE id = :after::uuid)
 ORDER BY q.pushed_at DESC, q.id DESC LIMIT :limit::int`,
);
const ONE = statement(["id"], Push, `SELECT ${PUSH} FROM update_push q WHERE q.id = :id::uuid`);
export const LOCK = statement(
  ["id"],
  Push,
  `SELECT ${PUSH} FROM update_push q WHERE q.id = :id::uuid FOR NO KEY UPDATE`,
);
const PLACES = statement(
  ["pushIds"],
  PlaceRow.extend({
    station: z.string(),
    line: z.string(),
    plant: z.string(),
    connected: z.boolean(),
    wave: z.number(),
  }),
  `
SELECT ${PLACE_COLUMNS}, s.name AS station, l.name AS line, p.name AS plant, ${CONNECTED} AS connected, u.wave
  FROM station_update u JOIN update_push q ON q.id = u.push_id JOIN station s ON s.id = u.station_id
  JOIN line l ON l.id = s.line_id JOIN plant p ON p.id = l.plant_id
 WHERE u.push_id = ANY(:pushIds::uuid[]) ORDER BY u.wave, p.name, l.name, s.name`,
);

const ADD = statement(
  ["id", "version", "downgrade", "reason", "pushedBy"],
  z.object({}),
  `INSERT INTO update_push (id, version, downgrade, reason, pushed_by) VALUES (:id::uuid, :version, :downgrade, :reason, :pushedBy)`,
);
/** Those that are not withdrawn, and will not be before the end of the transaction. */
const OFFERED = statement(
  ["ids"],
  z.object({ id: z.string() }),
  "SELECT id FROM agent_update WHERE id = ANY(:ids::uuid[]) AND withdrawn_at IS NULL ORDER BY id FOR SHARE",
);
/** By id, as everywhere where several are locked: two pushes to one station come after one another. */
const LOCK_STATIONS = statement(
  ["stationIds"],
  z.object({ id: z.string() }),
  "SELECT id FROM station WHERE id = ANY(:stationIds::uuid[]) ORDER BY id FOR NO KEY UPDATE",
);
const SUPERSEDE = statement(
  ["stationIds"],
  z.object({ pushId: z.string() }),
  `
UPDATE station_update SET state = 'ended', at = now() WHERE station_id = ANY(:stationIds::uuid[]) AND state IN ('planned', 'told')
RETURNING push_id AS "pushId"`,
);
const ADD_PLACES = statement(
  ["pushId", "places"],
  z.object({}),
  `
INSERT INTO station_update (id, push_id, update_id, station_id, wave, before)
SELECT c.id, :pushId::uuid, c."updateId", c."stationId", c.wave, c.before
  FROM jsonb_to_recordset(:places::jsonb) AS c(id uuid, "updateId" uuid, "stationId" uuid, wave int, before text)`,
);

export const SET_STATE = statement(
  ["id", "state", "stateReason"],
  z.object({}),
  "UPDATE update_push SET state = :state, state_reason = :stateReason WHERE id = :id::uuid",
);
const END_PLACES = statement(
  ["id"],
  z.object({ stationId: z.string() }),
  `
UPDATE station_update SET state = 'ended', at = now() WHERE push_id = :id::uuid AND state IN ('planned', 'told')
RETURNING station_id AS "stationId"`,
);
export const TOLD = statement(
  ["id"],
  z.object({ stationId: z.string() }),
  `SELECT station_id AS "stationId" FROM station_update WHERE push_id = :id::uuid AND state = 'told'`,
);

const RUNNING = statement(
  [],
  z.object({ id: z.string() }),
  "SELECT id FROM update_push WHERE state = 'running' ORDER BY id",
);
const STANDING = statement(
  ["id"],
  z.object({
    id: z.string(),
    stationId: z.string(),
    wave: z.number(),
    state: z.string(),
    connected: z.boolean(),
  }),
  `
SELECT u.id, u.station_id AS "stationId", u.wave, u.state, ${CONNECTED} AS connected
  FROM station_update u JOIN station s ON s.id = u.station_id WHERE u.push_id = :id::uuid ORDER BY u.wave, s.name`,
);
const TELL = statement(
  ["ids"],
  z.object({}),
  "UPDATE station_update SET state = 'told', at = now() WHERE id = ANY(:ids::uuid[]) AND state = 'planned'",
);

const STATE_EVENTS = {
  paused: "update.paused",
  running: "update.resumed",
  ended: "update.ended",
} as const;
type Told = { readonly push: z.infer<typeof Push>; readonly stationIds: readonly string[] };

export const subjectOf = ({ id, version }: { readonly id: string; readonly version: string }) => ({
  id,
  name: version,
});

export type PushesRepository = ReturnType<typeof pushesRepository>;

export function pushesRepository({ sql, transaction }: Database) {
  async function views(pushes: readonly z.infer<typeof Push>[]): Promise<PushView[]> {
    const places = await sql.rows(PLACES, { pushIds: pushes.map(({ id }) => id) });
    return pushes.map(({ pushedAt, ...push }) => ({
      ...push,
      pushedAt: pushedAt.toISOString(),
      stations: places
        .filter((place) => place.push === push.id)
        .map((place) => {
          const { station, line, plant, connected, wave } = place;
          return { station, line, plant, connected, wave, update: updateOf(place) };
        }),
    }));
  }

  return {
    async list(limit: number, after: string | null): Promise<PushView[]> {
      return await views(await sql.rows(LIST, { limit, after }));
    },
    async push(id: string): Promise<PushView | undefined> {
      const found = await sql.row(ONE, { id });
      return found === undefined ? undefined : (await views([found]))[0];
    },
    /** Ends what earlier pushes still wanted of these stations. Rejects with `update.withdrawn`. */
    add(
      push: { readonly version: string; readonly downgrade: boolean; readonly reason: string },
      placed: readonly Placed[],
      by: Origin,
    ): Promise<string> {
      return transaction(async (tx) => {
        const id = newId();
        const taken = placed.flatMap(({ update, wave, version, ...of }) =>
          update === null || wave === null ? [] : [{ ...of, update, wave, before: version ?? "" }],
        );
        const ids = [...new Set(taken.map(({ update }) => update.id))];
        if ((await tx.rows(OFFERED, { ids })).length < ids.length) {
          const parameters = { version: push.version };
          throw new FlashlineError("update.withdrawn", undefined, { parameters });
        }
        const stationIds = taken.map(({ stationId }) => stationId);
        await tx.rows(LOCK_STATIONS, { stationIds });
        await tx.rows(SUPERSEDE, { stationIds });
        await tx.row(ADD, { id, ...push, pushedBy: actorOf(by) });
        const places = taken.map(({ stationId, update, wave, before }) => ({
          id: newId(),
          updateId: update.id,
          stationId,
          wave,
          before,
        }));
        await tx.row(ADD_PLACES, { pushId: id, places: jsonText(places) });
        const { version, downgrade, reason } = push;
        await recordEvent(tx, {
          kind: "update.pushed",
          by,
          subject: subjectOf({ id, version }),
          reason,
          data: { version, downgrade, stations: taken.map(({ station }) => station) },
        });
        return id;
      });
    },
    /** `undefined`: there is no such push. `null`: it is not in one of the states `from`. */
    setState(
      id: string,
      from: readonly string[],
      state: keyof typeof STATE_EVENTS,
      reason: string,
      by: Origin,
    ): Promise<Told | null | undefined> {
      return transaction(async (tx) => {
        const push = await tx.row(LOCK, { id });
        if (push === undefined) return undefined;
        if (!from.includes(push.state)) return null;
        const told = await tx.rows(TOLD, { id });
        const stateReason = state === "running" ? null : reason;
        await tx.row(SET_STATE, { id, state, stateReason });
        if (state === "ended") await tx.rows(END_PLACES, { id });
        const data = { version: push.version };
        await recordEvent(tx, {
          kind: STATE_EVENTS[state],
          by,
          subject: subjectOf(push),
          reason,
          data,
        });
        return { push, stationIds: told.map(({ stationId }) => stationId) };
      });
    },
    /** Tells the stations whose turn it is, of every push that goes on. Answers with them. */
    async advance(by: Origin): Promise<readonly string[]> {
      const told: string[] = [];
      for (const { id } of await sql.rows(RUNNING, {})) {
        const next = await transaction(async (tx) => {
          const push = await tx.row(LOCK, { id });
          if (push?.state !== "running") return [];
          const step = nextOf(await tx.rows(STANDING, { id }));
          if ("done" in step) {
            await tx.row(SET_STATE, { id, state: "done", stateReason: null });
            const { version } = push;
            const kind = "update.done";
            await recordEvent(tx, { kind, by, subject: subjectOf(push), data: { version } });
            return [];
          }
          if (step.tell.length > 0) await tx.rows(TELL, { ids: step.tell.map((one) => one.id) });
          return step.tell;
        });
        told.push(...next.map(({ stationId }) => stationId));
      }
      return told;
    },
  };
}
