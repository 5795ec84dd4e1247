import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase } from "../db/database.ts";
import { recordEvent } from "../ledger/record.ts";
import { temporaryDataFolder } from "../testing/data-folder.ts";
import { createTestDatabase } from "../testing/database.ts";
import { BY } from "../testing/events.ts";
import { seedPlant } from "../testing/plant.ts";
import { startServerProcess } from "../testing/process.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";
import { canonicalJson } from "./canonical.ts";
import { sealerRepository } from "./sealer.repository.ts";
import { verifyRepository } from "./verify.repository.ts";
import { verifyLedger } from "./verify.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ idle: true });
});
afterAll(() => server.close());

const lineAdded = (name: string) =>
  ({ kind: "line.added", by: BY, subject: { name }, data: {} }) as const;

test("canonical JSON is RFC 8785's", () => {
  // The RFC's own example of numbers and texts, and of the order of keys in UTF-16.
  const numbers = {
    numbers: [Number("333333333.33333329"), 1e30, 4.5, 0.002, 1e-27],
    literals: [null, true],
  };
  expect(canonicalJson(numbers)).toBe(
    '{"literals":[null,true],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}',
  );
  const keys = {
    "\u20ac": 1,
    "\r": 2,
    "\ufb33": 3,
    "1": 4,
    "\ud83d\ude00": 5,
    "\u0080": 6,
    "\u00f6": 7,
  };
  expect(Object.values(JSON.parse(canonicalJson(keys)) as object)).toHaveLength(7);
  expect([...canonicalJson(keys).matchAll(/:(\d)/g)].map(([, n]) => n)).toEqual([
    ...["2", "4", "6", "7", "1", "5", "3"],
  ]);
});

test("an event that is committed late gets a later position, and none is left out", async () => {
  const { db } = server.platform;
  const { seal } = sealerRepository(db);
  let commit = () => {};
  const held = new Promise<void>((resolve) => {
    commit = resolve;
  });
  let written = () => {};
  const isWritten = new Promise<void>((resolve) => {
    written = resolve;
  });
  const slow = db.transaction(async (tx) => {
    await recordEvent(tx, lineAdded("slow"));
    written();
    await held;
  });
  await isWritten;
  await recordEvent(db.sql, lineAdded("fast"));
  await db
    .transaction(async (tx) => {
      await recordEvent(tx, lineAdded("undone"));
      return await Promise.reject(new Error("undone"));
    })
    .catch(() => undefined);
  expect(await seal()).toMatchObject({ sealed: 1 });
  commit();
  await slow;
  expect(await seal()).toMatchObject({ sealed: 1 });
  const rows = await db.sql.query(
    "SELECT position::int, subject_name AS name FROM ledger ORDER BY position DESC LIMIT 2",
  );
  const last = Number(rows[0]?.["position"]);
  expect(rows).toEqual([
    { position: last, name: "slow" },
    { position: last - 1, name: "fast" },
  ]);
});

test("of two sealers at the same time one seals, and the other leaves it to it", async () => {
  const { db } = server.platform;
  for (let i = 0; i < 40; i += 1) await recordEvent(db.sql, lineAdded(`L-${i}`));
  const { seal } = sealerRepository(db);
  const batches = await Promise.all(Array.from({ length: 8 }, () => seal()));
  expect(batches.reduce((sum, batch) => sum + (batch?.sealed ?? 0), 0)).toBe(40);
  expect((await verifyLedger(verifyRepository(db.sql), [])).problems).toEqual([]);
});

test("a server that is killed while it seals leaves no gap and seals nothing twice", {
  timeout: 240_000,
}, async () => {
  const database = await createTestDatabase({ empty: true });
  const data = temporaryDataFolder("sealing");
  const environment = { DATABASE_URL: database.url, FLASHLINE_DATA: data };
  await seedPlant(environment, []);
  const db = openDatabase({ url: database.url });
  const killed = await startServerProcess(environment);
  let written = 0;
  let stop = false;
  const writer = async (of: number) => {
    while (!stop) {
      await db.transaction(async (tx) => {
        for (let n = 0; n < 20; n += 1) await recordEvent(tx, lineAdded(`${of}`));
      });
      written += 20;
    }
  };
  const writers = [1, 2, 3].map(writer);
  const sealed = async () => {
    const [row] = await db.sql.query<{ n: number }>("SELECT count(*)::int AS n FROM ledger");
    return row?.n ?? 0;
  };
  for (let round = 0; round < 2; round += 1) {
    const before = await sealed();
    await expect.poll(sealed, { timeout: 60_000, interval: 5 }).toBeGreaterThan(before);
    await killed.end("SIGKILL");
    await killed.start();
  }
  stop = true;
  await Promise.all(writers);
  await expect.poll(sealed, { timeout: 60_000 }).toBe(written);
  expect(await verifyLedger(verifyRepository(db.sql), [])).toMatchObject({
    events: written,
    problems: [],
    open: { events: 0 },
  });
  const [row] = await db.sql.query(
    "SELECT max(position)::int AS last, count(DISTINCT id)::int AS ids FROM ledger",
  );
  expect(row).toEqual({ last: written, ids: written });
  await killed.end();
  await db.close();
  await database.drop();
  rmSync(data, { recursive: true, force: true });
});
