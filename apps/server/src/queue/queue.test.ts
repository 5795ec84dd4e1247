import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newId } from "../ids.ts";
import { startRedis, type TestRedis } from "../testing/redis.ts";
import { eventually } from "../testing/refusal.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";
import type { JobHandlers } from "./jobs.ts";
import { announce } from "./outbox.ts";
import { openRedis } from "./redis-client.ts";

async function wipeQueueTables({ platform }: TestServer): Promise<void> {
  const tables = await platform.db.sql.query<{ name: string }>(
    "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'bullmq' AND tablename ~ 'job'",
  );
  expect(tables.length).toBeGreaterThan(0);
  for (const { name } of tables) await platform.db.sql.execute(`DELETE FROM ${name}`);
}

const PREFIX = "plant-7";

/** The same promises on both backends. */
const BACKENDS = ["postgresql", "redis"] as const;

describe.each(BACKENDS)("queues and bus on %s", (kind) => {
  let redis: TestRedis | undefined;
  let first: TestServer;
  let second: TestServer;
  const seen: string[] = [];
  const failing = new Set<string>();
  const nothing = () => Promise.resolve();
  const handlers: JobHandlers = {
    release: nothing,
    insight: nothing,
    maintenance: async (tasks) => {
      for (const { task } of tasks) seen.push(task);
      await nothing();
    },
    flash: async (jobs) => {
      for (const { jobId } of jobs) seen.push(jobId);
      await nothing();
      if (jobs.some(({ jobId }) => failing.delete(jobId))) throw new TypeError("first try fails");
    },
  };

  beforeAll(async () => {
    redis = kind === "redis" ? await startRedis() : undefined;
    const environment = { FLASHLINE_REDIS_PREFIX: PREFIX };
    const options = redis === undefined ? {} : { redisUrl: redis.url, environment };
    first = await startTestServer({ ...options, idle: true });
    second = await startTestServer({ ...options, replicaOf: first, idle: true });
    await first.platform.queues.start(handlers, [{ name: "tick", everyMs: 1_000, run: nothing }]);
    await second.platform.queues.start(handlers, [{ name: "tick", everyMs: 1_000, run: nothing }]);
  });
  afterAll(async () => {
    await second.close();
    await first.close();
    await redis?.stop();
  });

  const order = async (jobId: string, commit = true) => {
    await first.platform.db
      .transaction(async (sql) => {
        await announce(sql, { queue: "flash", key: `flash-${jobId}`, payload: { jobId } });
        if (!commit) throw new RangeError("changed our mind");
      })
      .catch((error: unknown) => {
        if (!(error instanceof RangeError)) throw error;
      });
    return jobId;
  };
  const runs = (jobId: string) => seen.filter((id) => id === jobId).length;
  const hasRun = (jobId: string) =>
    eventually(
      () => Promise.resolve(runs(jobId)),
      (count) => count > 0,
    );

  test("says which backend it is, and that it answers", async () => {
    expect(first.platform.queues.kind).toBe(kind);
    await first.platform.queues.ping();
  });

  test("runs what was committed, and nothing of what was rolled back", async () => {
    const kept = await order(newId());
    const dropped = await order(newId(), false);
    await first.platform.queues.dispatch();
    expect(await hasRun(kept)).toBe(1);
    expect(runs(dropped)).toBe(0);
  });

  test("a sweeper finds what no one dispatched", async () => {
    const forgotten = await order(newId());
    expect(await hasRun(forgotten)).toBe(1);
  });

  test("a job that fails is tried again", async () => {
    const jobId = newId();
    failing.add(jobId);
    await order(jobId);
    await first.platform.queues.dispatch();
    await eventually(
      () => Promise.resolve(runs(jobId)),
      (count) => count === 2,
    );
    expect(runs(jobId)).toBe(2);
  });

  test("two replicas that dispatch together queue each job once", async () => {
    const ids = await Promise.all(Array.from({ length: 60 }, () => order(newId())));
    await Promise.all([first.platform.queues.dispatch(), second.platform.queues.dispatch()]);
    for (const id of ids) await hasRun(id);
    expect(ids.map(runs)).toEqual(ids.map(() => 1));
  });

  test("a periodic task runs once an interval, whatever the number of replicas", async () => {
    const count = () => seen.filter((name) => name === "tick").length;
    const more = async (by: number) => {
      const before = count();
      await expect
        .poll(count, { timeout: 20_000, interval: 10 })
        .toBeGreaterThanOrEqual(before + by);
      return count() - before;
    };
    const interval = () => Math.floor(Date.now() / 1_000);
    await more(1);
    const from = interval();
    expect(await more(5)).toBeLessThanOrEqual(interval() - from + 1);
  });

  test("the bus reaches this replica at once and the other one soon, whole however long it is", async () => {
    const heard: unknown[] = [];
    const stops = [first, second].map((server) =>
      server.platform.bus.subscribe("test", (message) => heard.push(message)),
    );
    const message = { text: "é€😀".repeat(3_000) };
    first.platform.bus.publish("test", message);
    expect(heard[0]).toBe(message);
    await eventually(
      () => Promise.resolve(heard.length),
      (length) => length === 2,
    );
    expect(JSON.stringify(heard[1]) === JSON.stringify(message)).toBe(true);
    for (const stop of stops) stop();
    first.platform.bus.publish("test", "nobody listens");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(heard).toHaveLength(2);
  });

  test("jobs still run after the queue lost everything", async () => {
    if (redis === undefined) await wipeQueueTables(first);
    await redis?.wipe();
    const jobId = await order(newId());
    await first.platform.queues.dispatch();
    expect(await hasRun(jobId)).toBe(1);
  });

  if (kind === "redis") {
    test("everything in Redis begins with the prefix", async () => {
      await hasRun(await order("01a20374-f59e-75d7-857a-6e9a0df5e611"));
      const client = openRedis(redis?.url ?? "", {});
      const keys = await client.keys("*");
      const channels = (await client.pubsub("CHANNELS")) as string[];
      client.disconnect();
      expect(channels).toEqual([`${PREFIX}:bus`]);
      // How many there are depends on what the queues have cleared away.
      expect(keys).not.toEqual([]);
      expect(keys.filter((key) => !key.startsWith(`${PREFIX}:`))).toEqual([]);
    });
  }
});
