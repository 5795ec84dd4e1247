import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { hashSecret } from "../../auth/secrets.ts";
import { eventually } from "../refusal.ts";
import { startTestServer, type TestServer } from "../server.ts";

/**
 * One request as an agent of that version sent it, and what it relied on in the answer. These files are never edited: a
 * server that no longer takes them strands agents in the field.
 */
const Recorded = z.object({
  request: z.object({
    method: z.enum(["GET", "POST", "PUT"]),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.unknown().optional(),
  }),
  answer: z.object({ status: z.number(), fields: z.record(z.string(), z.unknown()) }),
});

const folder = new URL("./v1/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
names.sort();

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  const { sql } = server.platform.db;
  // The station, token and release that the recording agent had.
  await sql.execute("UPDATE station SET credential_hash = $2, machine = $3 WHERE id = $1", [
    server.seed.station.id,
    hashSecret("fls_recorded"),
    "3f6c1e0a9d2b4c5e",
  ]);
  // A trigger keeps a release's content as it is.
  await sql.execute("ALTER TABLE release DISABLE TRIGGER USER");
  await sql.execute("ALTER TABLE release_image DISABLE TRIGGER USER");
  await sql.execute("UPDATE release SET manifest_sha256 = $1, key_id = $2", [
    "1".repeat(64),
    "A1B2C3D4E5F60718",
  ]);
  await sql.execute("INSERT INTO image (sha256, size, created_by) VALUES ($1, 8192, 'test')", [
    "0".repeat(64),
  ]);
  await sql.execute("UPDATE release_image SET image_sha256 = $1", ["0".repeat(64)]);
  await sql.execute(
    `INSERT INTO enrolment_token (id, station_id, token_hash, expires_at)
     VALUES (gen_random_uuid(), $1, $2, now() + interval '1 hour')`,
    [(await server.addStation("L3-02", 2)).id, hashSecret("fle_recorded")],
  );
});
afterAll(() => server.close());

test.each(names)("version 1: %s", async (name) => {
  const { request, answer } = Recorded.parse(
    JSON.parse(readFileSync(new URL(name, folder), "utf8")),
  );
  const send = () =>
    server.app.inject({
      method: request.method,
      url: request.url.replace("{image}", server.seed.imageSha256),
      headers: request.headers,
      ...(request.body === undefined ? {} : { payload: JSON.stringify(request.body) }),
    });
  // An order is offered a moment after it was taken; an agent asks again then.
  const got = await eventually(send, ({ statusCode }) => statusCode === answer.status, 5_000);
  expect({ status: got.statusCode, body: got.body }).toMatchObject({ status: answer.status });
  if (Object.keys(answer.fields).length > 0) expect(got.json()).toMatchObject(answer.fields);
});
