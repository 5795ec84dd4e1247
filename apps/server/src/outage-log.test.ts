import { rmSync } from "node:fs";
import path from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildApp } from "./app.ts";
import { newSecret, SecretKind } from "./auth/secrets.ts";
import { readConfig } from "./config/config.ts";
import { type EmbeddedCluster, startEmbedded } from "./db/embedded/cluster.ts";
import { databaseErrorFrom } from "./db/errors.ts";
import type { App } from "./http/server.ts";
import { openPlatform, type Platform } from "./platform.ts";
import { temporaryDataFolder } from "./testing/data-folder.ts";
import { startRedis, type TestRedis } from "./testing/redis.ts";
import { eventually } from "./testing/refusal.ts";

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly dependency?: string;
  readonly suppressed?: number;
  readonly err?: { readonly stack: string };
}

/** A server as `flashline-server start` runs it, on a PostgreSQL and a Redis that can be stopped. */
let folder: string;
let cluster: EmbeddedCluster;
let redis: TestRedis;
let platform: Platform;
let app: App;
const lines: Line[] = [];

const startCluster = (port = 0) => startEmbedded({ data: path.join(folder, "cluster"), port });

beforeAll(async () => {
  folder = temporaryDataFolder("outage");
  [cluster, redis] = await Promise.all([startCluster(), startRedis()]);
  const config = readConfig({
    FLASHLINE_DATA: path.join(folder, "server"),
    DATABASE_URL: cluster.url,
    REDIS_URL: redis.url,
  });
  const write = (text: string) => lines.push(JSON.parse(text) as Line);
  platform = await openPlatform(config, pino({ level: "warn" }, { write }));
  app = await buildApp(platform);
});
afterAll(async () => {
  await app?.close();
  await platform?.close();
  await redis?.stop();
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const headers = { authorization: `Bearer ${newSecret(SecretKind.ApiToken)}` };
const ask = async () => (await app.inject({ url: "/v1/units", headers })).statusCode;

/**
 * Asks and dispatches for a while, and until so many requests were answered with 503, as stations and the sweeper do; returns how many
 * were.
 */
async function work(ms: number, least = 0): Promise<number> {
  const end = performance.now() + ms;
  let unavailable = 0;
  while (performance.now() < end || unavailable < least) {
    if ((await ask()) === 503) unavailable += 1;
    await platform.queues.dispatch();
    platform.bus.publish("nobody", { hears: "it" });
    await pause(50);
  }
  return unavailable;
}
const ready = async () => (await app.inject({ url: "/readyz" })).statusCode;
const told = (dependency: string) => lines.filter((line) => line.dependency === dependency);
const both = (dependency: string) =>
  eventually(
    () => Promise.resolve(told(dependency)),
    (found) => found.length >= 2,
  );

test("an outage is two lines with one trace, and Redis is told from the database, whose errors look the same", async () => {
  expect(await ask()).toBe(401);
  await redis.down();
  expect(await work(800)).toBe(0);
  await expect.poll(() => lines.length, { timeout: 10_000 }).toBeGreaterThan(0);
  expect(lines.map(({ dependency }) => dependency)).toEqual(["redis"]);
  expect(await ready()).toBe(503);

  const port = Number(new URL(cluster.url).port);
  await cluster.stop();
  await work(1_500, 12);
  const failure: unknown = await platform.db.prisma.person.count().catch((err: unknown) => err);
  expect(databaseErrorFrom(failure).code).toBe("server.unavailable");
  expect(lines.map(({ dependency }) => dependency)).toEqual(["redis", "database"]);

  cluster = await startCluster(port);
  const [gone, back] = await both("database");
  expect(gone?.msg).toBe("the database is away: its errors are counted until it is back");
  expect(gone?.err?.stack).toContain("at ");
  expect(back?.msg).toBe("the database is back");
  expect(back?.suppressed).toBeGreaterThan(10);
  expect(back?.err).toBeUndefined();
  expect(told("redis")).toHaveLength(1);

  await redis.up();
  const [lost, found] = await both("redis");
  expect(lost?.msg).toBe("Redis is away: its errors are counted until it is back");
  expect(lost?.err?.stack).toContain("at ");
  expect(found?.suppressed).toBeGreaterThan(10);
  expect(await ready()).toBe(200);
  expect(await work(300)).toBe(0);
  expect(
    lines.map(({ dependency, msg, err }) => dependency ?? [msg, err]),
    JSON.stringify(lines.at(-1)),
  ).toEqual([...["redis", "database", "database", "redis"]]);
});

test("an error that is no outage is logged as it is, also during one", () => {
  lines.length = 0;
  expect(platform.outages.note("database", new TypeError("our own bug"))).toBe(false);
  expect(platform.outages.note("redis", new TypeError("our own bug"))).toBe(false);
  expect(lines).toEqual([]);
});
