import { pino } from "pino";
import { readConfig } from "../config/config.ts";
import { openPlatform } from "../platform.ts";
import type { Environment } from "./process.ts";
import { type Seed, type SeededStation, seed, seedStation } from "./seed.ts";

/** Migrates the database of `environment` and seeds it; adds a station with one nest for each name. Starts no server. */
export async function seedPlant(
  environment: Environment,
  names: readonly string[],
): Promise<{ readonly seed: Seed; readonly stations: readonly SeededStation[] }> {
  const platform = await openPlatform(readConfig(environment), pino({ level: "silent" }));
  try {
    const seeded = await seed(platform);
    await platform.db.sql.execute("UPDATE work_order SET quantity = 100000000");
    const stations: SeededStation[] = [];
    for (const name of names) {
      stations.push(await seedStation(platform, seeded.lineId, name, 1, seeded.workOrderId));
    }
    return { seed: seeded, stations };
  } finally {
    await platform.close();
  }
}
