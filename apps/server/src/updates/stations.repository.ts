import {
  StationUpdate,
  StationVersion,
  UpdateProgress,
  type WantedUpdate,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { statement } from "../db/statement.ts";

/** SQL: a station's sign of life is young enough; the same time as on the page of stations. */
export const CONNECTED = "coalesce(s.last_seen_at > now() - interval '40 seconds', false)";

/** A place in a push with what its station told, as a row's columns. */
export const PLACE_COLUMNS = `u.id AS "placeId", u.push_id AS push, q.version, u.before, u.state, u.progress, u.at`;
export const PlaceRow = z.object({
  placeId: z.string(),
  push: z.string(),
  version: z.string(),
  before: z.string(),
  state: z.string(),
  progress: UpdateProgress.omit({ id: true }).nullable(),
  /** As text within JSON. */
  at: z.coerce.date(),
});

export function updateOf(row: z.infer<typeof PlaceRow>): StationUpdate {
  const { push, version, before, state, progress, at } = row;
  const told = progress ?? { step: null, runs: null, percent: null, nest: null, code: null };
  return StationUpdate.parse({
    detail: "",
    ...told,
    push,
    version,
    from: before,
    state,
    at: at.toISOString(),
  });
}

const Station = StationVersion.omit({ newest: true, update: true }).extend({ inWork: z.number() });
const STATION = `s.id AS "stationId", s.name AS station, l.name AS line, p.name AS plant, s.credential_hash IS NOT NULL AS enrolled,
  ${CONNECTED} AS connected, s.agent_version AS version, s.update_facts AS facts`;
const FROM = "FROM station s JOIN line l ON l.id = s.line_id JOIN plant p ON p.id = l.plant_id";
const ORDER = "ORDER BY p.name, l.name, s.name, s.id";
/** Only those that it is asked for are counted: a push names some stations of the plant. */
const IN_WORK = `(SELECT count(*)::int FROM job j WHERE j.station_id = s.id AND j.state IN ('LEASED', 'RUNNING')) AS "inWork"`;

const CANDIDATES = statement(
  ["lines", "stations", "plant"],
  Station,
  `
SELECT ${STATION}, ${IN_WORK} ${FROM}
 WHERE (l.name = ANY(:lines::text[]) OR s.name = ANY(:stations::text[])) AND (:plant::text IS NULL OR p.name = :plant::text) ${ORDER}`,
);

const Overview = Station.omit({ inWork: true }).extend({ place: PlaceRow.nullable() });
const OVERVIEW = statement(
  ["after", "limit"],
  Overview,
  `
SELECT ${STATION}, CASE WHEN u."placeId" IS NOT NULL THEN to_jsonb(u) END AS place ${FROM}
  LEFT JOIN LATERAL (
   SELECT ${PLACE_COLUMNS} FROM station_update u JOIN update_push q ON q.id = u.push_id
    WHERE u.station_id = s.id ORDER BY u.id DESC LIMIT 1) u ON true
 WHERE :after::uuid IS NULL OR (p.name, l.name, s.name, s.id) > (SELECT p2.name, l2.name, s2.name, s2.id FROM station s2
        JOIN line l2 ON l2.id = s2.line_id JOIN plant p2 ON p2.id = l2.plant_id WHERE s2.id = :after::uuid)
 ${ORDER} LIMIT :limit::int`,
);

/** The update that a station is to take now. A push that does not go on asks for nothing. */
const WANTED = statement(
  ["stationId"],
  z.object({
    id: z.string(),
    manifest: z.instanceof(Uint8Array),
    signature: z.string(),
    downgrade: z.string().nullable(),
  }),
  `
SELECT u.id, a.manifest, a.signature, CASE WHEN q.downgrade THEN q.version END AS downgrade
  FROM station_update u JOIN update_push q ON q.id = u.push_id AND q.state = 'running' JOIN agent_update a ON a.id = u.update_id
 WHERE u.station_id = :stationId::uuid AND u.state = 'told'`,
);

export type UpdateStationsRepository = ReturnType<typeof updateStationsRepository>;

/** Stations as updates see them. */
export function updateStationsRepository({ sql }: Pick<Database, "sql">) {
  return {
    /** By plant, line and name. */
    candidates: (lines: readonly string[], stations: readonly string[], plant: string | null) =>
      sql.rows(CANDIDATES, { lines, stations, plant }),
    async overview(limit: number, after: string | null) {
      return (await sql.rows(OVERVIEW, { limit, after })).map(({ place, ...station }) => ({
        ...station,
        update: place === null ? null : updateOf(place),
      }));
    },
    async wanted(stationId: string): Promise<WantedUpdate | null> {
      const found = await sql.row(WANTED, { stationId });
      if (found === undefined) return null;
      return { ...found, manifest: Buffer.from(found.manifest).toString("base64") };
    },
  };
}
