import {
  called,
  describeSpared,
  FlashlineError,
  type HoldTarget,
  type PlantGuard,
} from "@flashline/contract";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { type Origin, ofServer } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { decide, mostHeld } from "./decide.ts";
import {
  findPlant,
  type GuardRow,
  guardedPlants,
  hostsOf,
  lockPlant,
  spareHost,
  switchGuard,
} from "./repository.ts";

type Found = NonNullable<Awaited<ReturnType<typeof findPlant>>>;

function noPlant(plant: string): FlashlineError {
  const parameters = { plant };
  return new FlashlineError("request.not_found", `There is no ${called("plant", plant)}.`, {
    parameters,
  });
}

const stillSpared = ({ rung, heldBy, step, spared }: GuardRow): boolean =>
  rung === "QUARANTINE" && heldBy === null && spared !== null && spared.step === step;

async function viewOf(sql: Sql, { id, name, on }: Found): Promise<PlantGuard> {
  const rows = await hostsOf(sql, id);
  const hosts = new Set(rows.map((row) => row.id)).size;
  const spared = rows
    .filter(stillSpared)
    .flatMap((row) =>
      row.spared === null
        ? []
        : { host: row.id, name: row.name, why: row.spared.why, at: row.spared.at },
    );
  return {
    plant: name,
    on,
    hosts,
    most: mostHeld(hosts),
    held: rows.filter(({ heldBy }) => heldBy === "guard").length,
    spared: spared.toSorted((a, b) => (a.at < b.at ? 1 : -1)),
  };
}

/** Rejects with `request.not_found`. */
export async function plantGuard({ sql }: Database, idOrName: string): Promise<PlantGuard> {
  const plant = await findPlant(sql, idOrName);
  if (plant === undefined) throw noPlant(idOrName);
  return await viewOf(sql, plant);
}

/** The same again is no event. Rejects with `request.not_found`. */
export const setGuard = (
  { transaction }: Database,
  idOrName: string,
  { on, reason }: { readonly on: boolean; readonly reason: string },
  by: Origin,
): Promise<PlantGuard> =>
  transaction(async (sql) => {
    const plant = await lockPlant(sql, idOrName);
    if (plant === undefined) throw noPlant(idOrName);
    if (plant.on !== on) {
      const { id, name } = plant;
      await switchGuard(sql, id, on);
      await recordEvent(sql, {
        kind: "plant.guarded",
        by,
        reason,
        plantId: id,
        subject: { id, name },
        before: { on: plant.on },
        after: { on },
        data: { on },
      });
    }
    return await viewOf(sql, { ...plant, on });
  });

/** Sets a hold as the server's own deed. */
export type SetHold = (target: HoldTarget, reason: string, by: Origin) => Promise<unknown>;

/** Follows what the verdict proposes in the plants that allow it. */
export async function watch(db: Database, setHold: SetHold): Promise<void> {
  const by = ofServer("guard");
  for (const plantId of await guardedPlants(db.sql)) {
    const rows = await hostsOf(db.sql, plantId);
    for (const population of new Set(rows.map((row) => row.population))) {
      const own = rows.filter((row) => row.population === population);
      for (const { host, spared: why } of decide(own)) {
        const row = own.find(({ id }) => id === host.id);
        if (row === undefined || row.step === null) continue;
        if (why === null) {
          await setHold({ kind: "host", host: row.id }, row.evidence, by);
          continue;
        }
        if (row.spared?.step === row.step && row.spared.why === why) continue;
        const spared = { step: row.step, why, at: new Date().toISOString() };
        await db.transaction(async (sql) => {
          await spareHost(sql, row.id, spared);
          const subject = { id: row.id, name: row.name };
          await recordEvent(sql, {
            kind: "host.spared",
            by,
            plantId,
            subject,
            reason: describeSpared(why),
            data: { why },
          });
        });
      }
    }
  }
}
