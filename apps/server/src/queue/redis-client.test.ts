import { setTimeout as pause } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../testing/redis.ts";
import { eventually } from "../testing/refusal.ts";
import { redisBackend } from "./backend.ts";
import { openRedis } from "./redis-client.ts";

let redis: TestRedis | undefined;
afterEach(() => redis?.stop());

test("a client that is closed between two tries to reconnect says that it ended, and so does a copy of it", async () => {
  redis = await startRedis();
  const first = openRedis(redis.url, { maxRetriesPerRequest: null });
  const clients = [first, first.duplicate()];
  const ended: number[] = [];
  for (const [at, client] of clients.entries()) {
    client.on("error", () => undefined);
    client.on("end", () => ended.push(at));
    await client.ping();
  }
  await redis.down();
  await eventually(
    () => Promise.resolve(clients.map(({ status }) => status)),
    (all) => all.every((status) => status === "reconnecting"),
  );
  const waiting = clients.map((client) => client.ping().catch((error: Error) => error.message));
  for (const client of clients) client.disconnect();
  expect(await Promise.all(waiting)).toEqual(["Connection is closed.", "Connection is closed."]);
  const all = await eventually(
    () => Promise.resolve(ended),
    ({ length }) => length === 2,
    1_000,
  );
  expect(all).toEqual([0, 1]);
});

test("a worker is closed although its Redis was away a moment ago", async () => {
  redis = await startRedis();
  const backend = redisBackend(redis.url, "flashline", () => undefined);
  const workers = await Promise.all(
    ["a", "b", "c", "d"].map((name) => backend.openWorker(name, 1, () => Promise.resolve())),
  );
  await pause(300);
  await redis.down();
  await pause(700);
  await redis.up();
  const began = performance.now();
  await Promise.all(workers.map((worker) => worker.close()));
  // BullMQ's worker sleeps 5 s after an error of its connection, and `close` waits for that sleep to end. So a worker that met the
  // outage needs up to 5 s; one that never hears that its connection ended is given up only after 8 s.
  expect(performance.now() - began).toBeLessThan(7_900);
  await backend.close();
});
