import { rmSync } from "node:fs";
import { openDatabase, rebuildVerdict, withClient } from "@flashline/server/testing";
import { temporaryDataFolder } from "@flashline/server/testing/data-folder";
import { openGrownDatabase } from "../../grown/plant.ts";
import { quantile } from "../server/figures.ts";

/** What a result may cost with its transaction, in batches, milliseconds. */
const LIMIT_MS = 0.5;
/** What a turn may hold up, milliseconds. */
const TURN_MS = 1_000;

/** Works the verdict out anew from a grown database. Whether a result costs no more than it may. */
export async function measureServer(
  attempts: number,
  kept: string | undefined,
  say: (line: string) => void,
): Promise<boolean> {
  const folder = kept ?? temporaryDataFolder("verdict");
  const { cluster } = await openGrownDatabase(folder, attempts, say);
  const db = openDatabase({ url: cluster.url });
  try {
    const turns: number[] = [];
    const began = performance.now();
    const before = process.cpuUsage();
    const { visits } = await rebuildVerdict(db, (ms) => turns.push(ms));
    const { user, system } = process.cpuUsage(before);
    const wall = performance.now() - began;
    const [row] = await withClient(
      cluster.url,
      async (client) =>
        (
          await client.query<{ rows: number; kib: number; lessons: number }>(
            `SELECT count(*)::int AS rows, (sum(length(state::text)) / 1024)::int AS kib,
                    (SELECT count(*)::int FROM verdict_lesson) AS lessons FROM verdict_state`,
          )
        ).rows,
    );
    const each = wall / visits;
    say(`${visits} results of ${attempts} attempts counted in ${(wall / 1000).toFixed(1)} s`);
    say(`a result with its transaction: ${each.toFixed(3)} ms (at most ${LIMIT_MS})`);
    say(`the server's own computing for it: ${((user + system) / 1000 / visits).toFixed(3)} ms`);
    say(
      `a turn of up to 1,000 events: median ${quantile(turns, 0.5).toFixed(0)} ms, longest ${Math.max(...turns).toFixed(0)} ms`,
    );
    say(`state: ${row?.rows} rows, ${row?.kib} KiB; ${row?.lessons} rows of lessons`);
    return each <= LIMIT_MS && Math.max(...turns) <= TURN_MS;
  } finally {
    await db.close();
    await cluster.stop();
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
  }
}
