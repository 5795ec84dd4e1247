import { FlashlineError } from "@flashline/contract";
import { withClient } from "@flashline/server/testing";
import type { GrownPlant } from "../../grown/plant.ts";

/** Places in the database that questions are about. */
export interface Places {
  readonly station: string;
  /** Id of its line. */
  readonly line: string;
  readonly host: string;
  readonly attempt: string;
  readonly longAttempt: string;
  readonly middle: string;
  readonly unit: string;
  readonly product: string;
  readonly longUnit: string;
  readonly serial: string;
  readonly unitInMiddle: string | null;
  readonly release: string;
  readonly middleOrder: string;
  readonly middleRelease: string;
  readonly waiting: readonly string[];
  /** A time so long ago, in ISO 8601: the beginning of an hour. */
  readonly hoursAgo: (hours: number) => string;
}

const PLACES = `
SELECT s.name AS station, s.line_id AS line, a.host_id AS host, a.id AS attempt, l.id AS "longAttempt", a.id AS middle, a.unit_id AS unit, u.product_id AS product,
       l.unit_id AS "longUnit", u.serial, a.release_id AS release,
       (SELECT id FROM work_order ORDER BY created_at OFFSET (SELECT count(*) / 2 FROM work_order) LIMIT 1) AS "middleOrder",
       (SELECT id FROM release ORDER BY created_at OFFSET (SELECT count(*) / 2 FROM release) LIMIT 1) AS "middleRelease"
  FROM (SELECT * FROM attempt WHERE received_at < now() - interval '45 days' AND outcome = 'FAIL' ORDER BY received_at DESC LIMIT 1) a
  JOIN station s ON s.id = a.station_id JOIN unit u ON u.id = a.unit_id
  CROSS JOIN LATERAL (SELECT id, unit_id FROM attempt WHERE outcome = 'FAIL' ORDER BY jsonb_array_length(incidents) DESC LIMIT 1) l`;

/** One unit that waits for each of the plant's stations. */
const WAITING = `
SELECT (SELECT u.serial FROM unit u WHERE u.product_id = w.product_id AND u.serial LIKE 'NEW-%'
          AND NOT EXISTS (SELECT FROM job j WHERE j.unit_id = u.id) ORDER BY u.id LIMIT 1 OFFSET s.n) AS serial
  FROM unnest($1::text[]) WITH ORDINALITY AS s(name, n)
  JOIN station st ON st.name = s.name JOIN station_order so ON so.station_id = st.id JOIN work_order w ON w.id = so.work_order_id ORDER BY s.n`;

const HOUR_MS = 3_600_000;
const hoursAgo = (hours: number): string =>
  new Date((Math.floor(Date.now() / HOUR_MS) - hours) * HOUR_MS).toISOString();

export async function placesIn(plant: GrownPlant): Promise<Places> {
  const unitInMiddle = await middleOfUnits(plant);
  return await withClient(plant.database, async (client) => {
    const found = (await client.query<Omit<Places, "hoursAgo">>(PLACES)).rows[0];
    if (found === undefined) throw new FlashlineError("internal.bug", "The database is empty.");
    const names = plant.stations.map(({ name }) => name);
    const { rows } = await client.query<{ serial: string }>(WAITING, [names]);
    return { ...found, hoursAgo, unitInMiddle, waiting: rows.map(({ serial }) => serial) };
  });
}

/** Where the list of units goes on after a unit that was worked on long ago. */
async function middleOfUnits({ server, token }: GrownPlant): Promise<string | null> {
  const answer = await fetch(`${server.url}/v1/units?state=failed&limit=200`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const rows = (await answer.json()) as readonly { cursor?: string }[];
  return rows.at(-1)?.cursor ?? null;
}
