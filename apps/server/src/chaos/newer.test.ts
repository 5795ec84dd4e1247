import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { MIGRATIONS, migrate } from "../db/migrate.ts";
import { temporaryDataFolder } from "../testing/data-folder.ts";
import { createTestDatabase } from "../testing/database.ts";
import { seedPlant } from "../testing/plant.ts";
import { startServerProcess } from "../testing/process.ts";
import { eventually } from "../testing/refusal.ts";
import { startLoad } from "./load.ts";
import { withClient } from "./postgres-process.ts";

const LATER = "9999_later";

test("stations work on while a newer server takes over, and the older one ends by itself and says why", {
  timeout: 180_000,
}, async () => {
  const database = await createTestDatabase();
  const folder = temporaryDataFolder("newer");
  const environment = { FLASHLINE_DATA: path.join(folder, "data"), DATABASE_URL: database.url };
  const { stations } = await seedPlant(environment, ["U0", "U1"]);
  const server = await startServerProcess(environment);
  const load = startLoad(server.url, stations, 1);
  const grows = async () => {
    const before = load.acknowledged.size;
    await eventually(
      () => Promise.resolve(load.acknowledged.size),
      (count) => count >= before + 4,
      20_000,
    );
    expect(load.acknowledged.size, server.fate()).toBeGreaterThanOrEqual(before + 4);
  };
  try {
    await grows();
    // What a newer server does first.
    const migrations = path.join(folder, "migrations");
    cpSync(MIGRATIONS, migrations, { recursive: true });
    mkdirSync(path.join(migrations, LATER));
    writeFileSync(path.join(migrations, LATER, "migration.sql"), "CREATE TABLE later (id INT)");
    expect(await migrate(database.url, migrations)).toEqual([LATER]);
    const fate = await eventually(
      () => Promise.resolve(server.fate()),
      (is) => is !== "runs",
      30_000,
    );
    expect(fate).toContain("ended with 1");
    const why =
      /stopping: The database is newer than this server, which is Flashline \d\S*: it has 9999_later \(Flashline \d\S* on 20/;
    expect(fate).toMatch(why);
    // Whatever starts it again gets the same sentence, and the way out.
    await expect(server.start()).rejects.toThrow(
      /config\.invalid: The database is newer .*restore the back-up from before the upgrade/,
    );
    // The newer one has this migration itself.
    await withClient(database.url, (client) =>
      client.query("DELETE FROM _prisma_migrations WHERE migration_name = $1", [LATER]),
    );
    await server.start();
    await grows();
    await load.stop();
    const passed = await withClient(database.url, async (client) => {
      const { rowCount } = await client.query(
        "SELECT 1 FROM attempt WHERE outcome = 'PASS' AND id = ANY($1)",
        [[...load.acknowledged]],
      );
      return rowCount;
    });
    expect(passed).toBe(load.acknowledged.size);
    expect([...load.refusals.keys()].filter((said) => !said.startsWith("503"))).toEqual([]);
  } finally {
    // Stations that wait for their server are not waited for.
    void load.stop().catch(() => undefined);
    await server.end();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
});
