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
  // The station and token that the recording agent had.
  await sql.execute("UPDATE station SET credential_hash = $2 WHERE id = $1", [
    server.seed.station.id,
    hashSecret("fls_recorded"),
  ]);
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
