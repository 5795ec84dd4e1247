// What a server judges while it is killed again and again: each result counts once, for the verdict and for a canary. Only at night.
import { rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "@flashline/contract";
import { signMinisig } from "@flashline/signing";
import { expect, test } from "vitest";
import { hashSecret, newSecret, SecretKind } from "../auth/secrets.ts";
import { type Block, type Evidence, NO_EVIDENCE, withBlock } from "../canary/evidence.ts";
import { type Database, openDatabase } from "../db/database.ts";
import { newId } from "../ids.ts";
import { LINK_FAILURE } from "../jobs/testing.ts";
import { rebuildVerdict } from "../judging/rebuild.ts";
import { temporaryDataFolder } from "../testing/data-folder.ts";
import { createTestDatabase } from "../testing/database.ts";
import { eventsOf } from "../testing/events.ts";
import { seedPlant } from "../testing/plant.ts";
import { type ServerProcess, startServerProcess } from "../testing/process.ts";
import { IMAGE, imageEntry } from "../testing/publishing.ts";
import { randomFrom } from "../testing/random.ts";
import { eventually } from "../testing/refusal.ts";
import { type Ending, startLoad } from "./load.ts";

const SEED = Number(process.env["FLASHLINE_SEED"] ?? Date.now() % 1_000_000);
/** Until the canary is paused, and so often at least. */
const LEAST_KILLS = 8;
/** Results between two kills at least, up to so many. */
const MOST_BETWEEN = 12;
/**
 * And so long at most, milliseconds. Some kills come while a server still reads what came before; what is read every second, and
 * sealed within two, would never be read by a server that lives shorter each time.
 */
const LONGEST_LIFE_MS = 4_000;
const CANARY = "1.0.2";
const PATIENCE_MS = 60_000;
const BAD_IMAGE = { outcome: "FAIL", code: "image.does_not_fit", blame: "image", touched: false };

/** Every eighth unit of the canary has a bad image; the link of the last station fails at every third. */
const ending: Ending = (job, station, unit) => {
  if (job.version === CANARY) return unit % 8 === 7 ? BAD_IMAGE : {};
  return station === 3 && unit % 3 === 0 ? LINK_FAILURE : {};
};

async function clientOf(db: Database, server: ServerProcess) {
  const secret = newSecret(SecretKind.ApiToken);
  const scopes = ["releases:publish", "releases:promote", "read"];
  await db.prisma.apiToken.create({
    data: { id: newId(), name: "test", tokenHash: hashSecret(secret), scopes },
  });
  return createClient<AbortSignal>({
    baseUrl: server.url,
    fetch,
    headers: () => ({ authorization: `Bearer ${secret}` }),
  });
}

/** What the blocks say together, worked out from their units alone. */
async function evidenceOf(db: Database) {
  const blocks = await db.sql.query<Omit<Block, "beside">>(
    `SELECT count(*) FILTER (WHERE is_canary)::int AS units, count(*) FILTER (WHERE is_canary AND failed)::int AS failed,
            count(*) FILTER (WHERE NOT is_canary)::int AS others, count(*) FILTER (WHERE NOT is_canary AND failed)::int AS "othersFailed"
       FROM canary_trial WHERE block > 0 GROUP BY block ORDER BY block`,
  );
  return blocks.reduce<Evidence>(
    (sum, block) => withBlock(sum, { ...block, beside: 0 }),
    NO_EVIDENCE,
  );
}

test(`each result counts once, and a canary is paused once (seed ${SEED})`, {
  timeout: 540_000,
}, async () => {
  const random = randomFrom(SEED);
  const database = await createTestDatabase();
  const data = temporaryDataFolder("judged");
  const environment = { DATABASE_URL: database.url, FLASHLINE_DATA: data };
  const { seed, stations } = await seedPlant(environment, ["K0", "K1", "K2", "K3"]);
  const server = await startServerProcess(environment);
  const db = openDatabase({ url: database.url });
  const call = await clientOf(db, server);
  await call("uploadImage", { body: IMAGE });
  const manifest = Buffer.from(
    JSON.stringify({
      schema: 1,
      product: seed.product,
      chip: "STM32F407",
      version: CANARY,
      counter: 2,
      images: [imageEntry(IMAGE)],
    }),
  );
  const signature = signMinisig(manifest, seed.secretKey, { trustedComment: "test" });
  const { body: release } = await call("publish", {
    body: { manifest: manifest.toString("base64"), signature },
  });
  const params = { id: release.id };
  const now = async () => (await call("release", { params })).body;
  await eventually(now, ({ check }) => check === "passed", PATIENCE_MS);
  await call("startCanary", {
    params,
    body: { stations: ["K0", "K1"], units: 2_000, reason: "first units" },
  });
  const load = startLoad(server.url, stations, 1, undefined, ending);
  const stateOf = async () =>
    (
      await db.sql.query<{ state: string }>("SELECT state FROM release WHERE id = $1", [params.id])
    )[0]?.state;
  let kills = 0;
  while (kills < LEAST_KILLS || (await stateOf()) === "canary") {
    const until = load.acknowledged.size + 1 + Math.floor(MOST_BETWEEN * random());
    const count = () => Promise.resolve(load.acknowledged.size);
    expect(await eventually(count, (size) => size >= until, PATIENCE_MS)).toBeGreaterThanOrEqual(
      until,
    );
    await pause(LONGEST_LIFE_MS * random());
    await server.end("SIGKILL");
    await server.start();
    kills += 1;
  }
  await load.stop();
  expect(await stateOf()).toBe("paused");
  const told = await eventsOf(db.sql, "release.canary-paused");
  expect(told).toHaveLength(1);
  const [canary] = await db.sql.query<object>(
    `SELECT blocks, units_judged AS units, units_failed AS failed, others_judged AS others, others_failed AS "othersFailed", expected,
            evidence AS values FROM canary WHERE release_id = $1`,
    [params.id],
  );
  const { beside: _, ...evidence } = await evidenceOf(db);
  expect(canary).toEqual(evidence);
  const doubled = await db.sql.query(
    "SELECT attempt_id FROM canary_trial GROUP BY attempt_id HAVING count(*) > 1",
  );
  expect(doubled).toEqual([]);

  const behind = () =>
    db.sql.query(
      `SELECT FROM verdict_progress WHERE position < (SELECT max(position) FROM ledger) OR EXISTS (SELECT FROM ledger_open)`,
    );
  await eventually(behind, (rows) => rows.length === 0, PATIENCE_MS);
  await server.end();
  const visits = load.acknowledged.size;
  expect(await rebuildVerdict(db)).toEqual({ visits, same: true });
  process.stderr.write(
    `${kills} kills, ${visits} results, canary paused after ${evidence.units}\n`,
  );
  await db.close();
  await database.drop();
  rmSync(data, { recursive: true, force: true });
});
