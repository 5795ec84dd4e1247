import { afterAll, beforeAll, expect, test } from "vitest";
import { recordEvent } from "../ledger/record.ts";
import { BY } from "../testing/events.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";
import { chainReading } from "./reading.ts";
import { sealerRepository } from "./sealer.repository.ts";
import { verifyRepository } from "./verify.repository.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ idle: true });
});
afterAll(() => server.close());

const HOUR_MS = 3_600_000;

async function record(times: number): Promise<void> {
  const { db } = server.platform;
  for (let i = 0; i < times; i += 1) {
    const subject = { id: server.seed.releaseId, name: `PSU-40 1.0.${i}` };
    await recordEvent(db.sql, { kind: "release.revoked", by: BY, subject, data: {} });
  }
  await sealerRepository(db).seal();
}

test("reads on from where it was, and all of it again after an hour", async () => {
  const { sql } = server.platform.db;
  let now = Date.now();
  const reading = chainReading(verifyRepository(sql), () => now);
  await record(3);
  const first = await reading.look();
  expect(first).toMatchObject({ problems: [], reading: null, unsealed: 0 });
  expect(first.verified?.position).toBe(first.head?.position);
  await record(2);
  const second = await reading.look();
  expect(second.verified?.position).toBe((first.verified?.position ?? 0) + 2);
  // Who owns the database may switch the guards off.
  await sql.execute("ALTER TABLE ledger DISABLE TRIGGER USER");
  await sql.execute("UPDATE ledger SET reason = 'forged' WHERE position = 2");
  // What was read is believed for an hour; that the guards are gone is seen at once.
  const { problems } = await reading.look();
  expect(problems.join()).toContain("the guard ledger_append_only is missing or switched off");
  expect(problems.join()).not.toContain("position 2");
  now += HOUR_MS + 1;
  const later = await reading.look();
  expect(later.problems.join()).toContain("position 2 was changed");
});
