import { FlashlineError } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { heldSql } from "../db/held.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

export const NestRequest = z.object({ name: z.string(), portPath: z.string() });
/** A nest as the agent names it. */
export type NestRequest = Readonly<z.infer<typeof NestRequest>>;
/** `was`: its name until now. */
export type TaughtNest = NestRequest & { readonly was?: string | undefined };

/** In the order of locks a station comes before its nests: two changes of one station come after one another. */
const LOCK_STATION = statement(
  ["stationId"],
  z.object({ name: z.string() }),
  "SELECT name FROM station WHERE id = :stationId::uuid FOR UPDATE",
);
const LOCK_NESTS = statement(
  ["stationId"],
  NestRequest.extend({ retired: z.boolean(), held: z.boolean() }),
  `
SELECT name, port_path AS "portPath", port_path LIKE 'was %' AS retired, EXISTS (SELECT ${heldSql(["nest.id"])}) AS held
  FROM nest WHERE station_id = :stationId::uuid ORDER BY name FOR UPDATE`,
);

const RENAME = statement(
  ["stationId", "was", "name"],
  z.object({}),
  `
UPDATE nest SET name = :name WHERE station_id = :stationId::uuid AND name = :was
   AND NOT EXISTS (SELECT FROM nest other WHERE other.station_id = :stationId::uuid AND other.name = :name)`,
);

export type NestsRepository = ReturnType<typeof nestsRepository>;

export function nestsRepository({ transaction }: Pick<Database, "transaction">) {
  return {
    /**
     * The station has these nests now. A renamed one takes what was done in it along, unless the station had a nest of the new name once:
     * then that one is in use again, and the old one keeps its own. Rejects with `nest.held`, and answers whether anything changed.
     */
    teach(stationId: string, nests: readonly TaughtNest[], by: Origin): Promise<boolean> {
      return transaction(async (tx) => {
        const station = await tx.row(LOCK_STATION, { stationId });
        if (station === undefined) throw new FlashlineError("auth.revoked");
        const rows = await tx.rows(LOCK_NESTS, { stationId });
        const before = rows.filter(({ retired }) => !retired);
        if (isSame(before, nests)) return false;
        const known = new Set(rows.map(({ name }) => name));
        const renamed = nests.filter(({ name, was }) => was !== undefined && !known.has(name));
        const stays = new Set([...nests.map(({ name }) => name), ...renamed.map(({ was }) => was)]);
        const held = before.find((nest) => nest.held && !stays.has(nest.name));
        if (held !== undefined) {
          throw new FlashlineError("nest.held", `Nest ${held.name} is out of use.`, {
            parameters: { nest: held.name },
          });
        }
        for (const { name, was } of renamed)
          await tx.row(RENAME, { stationId, was: was ?? "", name });
        await replaceNests(tx, stationId, nests);
        await recordEvent(tx, {
          kind: "station.nests-taught",
          by,
          subject: { id: stationId, name: station.name },
          before: { nests: before.map(plain) },
          after: { nests: nests.map(plain) },
          data: {
            nests: nests.map(({ was, ...nest }) => (was === undefined ? nest : { ...nest, was })),
          },
        });
        return true;
      });
    },
  };
}

const plain = ({ name, portPath }: NestRequest): NestRequest => ({ name, portPath });

const isSame = (before: readonly NestRequest[], after: readonly NestRequest[]): boolean =>
  before.length === after.length &&
  after.every(({ name, portPath }) =>
    before.some((nest) => nest.name === name && nest.portPath === portPath),
  );

/**
 * The nests that the agent named. One that it no longer names keeps its row when jobs point at it or a hold is on it, without a
 * port; what somebody took out of use stays so. Answers with the nests as they were.
 */
export async function replaceNests(
  sql: Sql,
  stationId: string,
  nests: readonly NestRequest[],
): Promise<readonly NestRequest[]> {
  const before = await sql.rows(LOCK_NESTS, { stationId });
  // Ports may have changed places: free them all before any is taken again.
  await sql.execute("UPDATE nest SET port_path = 'was ' || id WHERE station_id = $1", [stationId]);
  for (const nest of nests) {
    await sql.execute(
      `INSERT INTO nest (id, station_id, name, port_path) VALUES ($1, $2, $3, $4)
       ON CONFLICT (station_id, name) DO UPDATE SET port_path = excluded.port_path`,
      [newId(), stationId, nest.name, nest.portPath],
    );
  }
  await sql.execute(
    `DELETE FROM nest WHERE station_id = $1 AND port_path LIKE 'was %'
       AND NOT EXISTS (SELECT FROM job WHERE nest_id = nest.id)
       AND NOT EXISTS (SELECT FROM attempt WHERE nest_id = nest.id)
       AND NOT EXISTS (SELECT ${heldSql(["nest.id"])})`,
    [stationId],
  );
  return before.filter(({ retired }) => !retired).map(plain);
}
