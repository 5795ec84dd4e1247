import { rmSync } from "node:fs";
import { createClient } from "@flashline/contract";
import { expect, test } from "vitest";
import { hashSecret, newSecret, SecretKind } from "../auth/secrets.ts";
import { openDatabase } from "../db/database.ts";
import { newId } from "../ids.ts";
import { recordEvent } from "../ledger/record.ts";
import { temporaryDataFolder } from "../testing/data-folder.ts";
import { createTestDatabase } from "../testing/database.ts";
import { BY } from "../testing/events.ts";
import { startServerProcess } from "../testing/process.ts";
import { startEndpoint } from "./testing.ts";

const EVENTS = 60;
const PATIENCE_MS = 90_000;

test("a server that is killed while it delivers loses no message and keeps their order", {
  timeout: 280_000,
}, async () => {
  const database = await createTestDatabase();
  const data = temporaryDataFolder("killed");
  const server = await startServerProcess({
    DATABASE_URL: database.url,
    FLASHLINE_DATA: data,
    FLASHLINE_WEBHOOK_LOOPBACK: "true",
  });
  const db = openDatabase({ url: database.url });
  const secret = newSecret(SecretKind.ApiToken);
  await db.prisma.apiToken.create({
    data: { id: newId(), name: "test", tokenHash: hashSecret(secret), scopes: ["webhooks:write"] },
  });
  // Slow enough to be killed in the middle.
  const endpoint = await startEndpoint(async () => {
    await new Promise((done) => setTimeout(done, 40));
    return 204;
  });
  const call = createClient<AbortSignal>({
    baseUrl: server.url,
    fetch,
    headers: () => ({ authorization: `Bearer ${secret}` }),
  });
  await call("addWebhook", { body: { name: "mes", url: endpoint.url, kinds: ["line.added"] } });
  await db.transaction(async (tx) => {
    for (let n = 0; n < EVENTS; n += 1) {
      const subject = { id: newId(), name: `L-${n}` };
      await recordEvent(tx, { kind: "line.added", by: BY, subject, data: {} });
    }
  });
  const came = () => endpoint.got.length;
  await expect.poll(came, { timeout: PATIENCE_MS, interval: 5 }).toBeGreaterThan(5);
  await server.end("SIGKILL");
  const before = came();
  expect(before).toBeLessThan(EVENTS);
  // Its place is free after twenty seconds, which are not waited for.
  await db.sql.execute("UPDATE webhook SET lease_until = now()");
  await server.start();
  const last = () => endpoint.got.at(-1)?.subject;
  await expect.poll(last, { timeout: PATIENCE_MS }).toBe(`L-${EVENTS - 1}`);
  const names = endpoint.got.map(({ subject }) => subject);
  expect([...new Set(names)]).toEqual(Array.from({ length: EVENTS }, (_, n) => `L-${n}`));
  // What was under way at the kill came twice, and nothing else.
  expect(names.length - EVENTS).toBeLessThanOrEqual(1);
  await server.end();
  await db.close();
  await endpoint.close();
  await database.drop();
  rmSync(data, { recursive: true, force: true });
});
