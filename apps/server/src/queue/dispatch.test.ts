import { expect, test } from "vitest";
import { type Database, openDatabase } from "../db/database.ts";
import { newId } from "../ids.ts";
import { createTestDatabase } from "../testing/database.ts";
import { postgresBackend } from "./backend.ts";
import { announce } from "./outbox.ts";
import { openQueues } from "./queues.ts";

/** More turns than there are between the end of a dispatch and that it is known to have ended. */
const TURNS = 12;

test("what is announced while a dispatch ends is queued at once, not by the sweeper", async () => {
  const database = await createTestDatabase();
  const db = openDatabase({ url: database.url });
  const trouble: unknown[] = [];
  const backend = postgresBackend(
    database.url,
    (text, values) => db.sql.query(text, values),
    (_, error) => trouble.push(error),
  );
  const order = async () => {
    const jobId = newId();
    await announce(db.sql, { queue: "flash", key: `flash-${jobId}`, payload: { jobId } });
  };
  let meanwhile = () => Promise.resolve();
  const watched: Database = {
    ...db,
    async transaction(work) {
      const done = await db.transaction(work);
      await meanwhile();
      return done;
    },
  };
  const queues = await openQueues(watched, backend, (error) => trouble.push(error));
  for (let turns = 0; turns < TURNS; turns += 1) {
    const asked = new Promise<void>((resolve) => {
      meanwhile = async () => {
        meanwhile = () => Promise.resolve();
        await order();
        const later = async () => {
          for (let turn = 0; turn < turns; turn += 1) await null;
          resolve(queues.dispatch());
        };
        void later();
      };
    });
    await order();
    await queues.dispatch();
    await asked;
    const left = await db.sql.query("SELECT FROM outbox");
    expect(left.length, `${turns} turns after the end of the transaction`).toBe(0);
  }
  expect(trouble).toEqual([]);
  await queues.close();
  await db.close();
  await database.drop();
});
