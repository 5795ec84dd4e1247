import { rm } from "node:fs/promises";
import { withClient } from "@flashline/server/testing";
import { temporaryDataFolder } from "@flashline/server/testing/data-folder";
import { type GrownPlant, openGrown } from "../../grown/plant.ts";
import { zoneWhereItIs } from "../../grown/zone.ts";
import { addUser, type Login } from "./people.ts";

const DAYS = 30;
const STATIONS = 16;
/** By its place: station G13, whose host fails since a day. */
const BAD = 3;
/** Some units are tried twice. */
const ATTEMPTS_A_UNIT = 1.064;

/** Most of the day was worked, and it does not end while the pages are looked at. */
const EVENING = 20;

const SHIFTS = [
  { name: "early", start: "06:00", end: "14:00" },
  { name: "late", start: "14:00", end: "22:00" },
  { name: "night", start: "22:00", end: "06:00" },
];

export interface Month extends GrownPlant {
  readonly badStation: string;
  readonly admin: Login;
}

/** A plant's last month with so many units, in a real PostgreSQL behind a real server. `kept`: a folder whose database was filled before. */
export async function openMonth(
  units: number,
  say: (line: string) => void,
  kept?: string,
): Promise<Month> {
  const folder = kept ?? temporaryDataFolder("month");
  const wanted = { attempts: units * ATTEMPTS_A_UNIT, days: DAYS, stations: STATIONS, bad: BAD };
  const plant = await openGrown(folder, wanted, say);
  await withClient(plant.database, (client) =>
    client.query("UPDATE plant SET shifts = $1, time_zone = $2", [
      JSON.stringify(SHIFTS),
      zoneWhereItIs(EVENING),
    ]),
  );
  const admin = await addUser(
    { folder, url: plant.server.url, database: plant.database },
    `ada-${Date.now()}`,
    "admin",
  );
  return {
    ...plant,
    admin,
    badStation: plant.stations[BAD]?.name ?? "",
    async close() {
      await plant.close();
      if (kept === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
