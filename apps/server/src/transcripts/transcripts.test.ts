import { afterAll, beforeAll, expect, test } from "vitest";
import { goldenCheck } from "../golden/testing.ts";
import { codeOf, LINK_FAILURE, lineOf } from "../jobs/testing.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";
import { transcriptsRepository } from "./repository.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** A section header and something that differs. */
const capture = (text: string): Buffer =>
  Buffer.concat([Buffer.from([0x0a, 0x0d, 0x0d, 0x0a]), Buffer.from(text)]);
const send = (attemptId: string, body: Buffer, station = server.seed.station) =>
  server.station(station)("sendTranscript", { params: { id: attemptId }, body });

/** What an engineer sees of it, and with which code a download ends. */
async function seen(attemptId: string) {
  const engineer = await server.token("read");
  const params = { id: attemptId };
  const { transcript } = (await engineer("attempt", { params })).body;
  return { transcript, code: await codeOf(engineer("transcript", { params })) };
}

test("the first transcript of a failed attempt is kept, of its own station only", async () => {
  const line = lineOf(server);
  const { attemptId } = await line.flash("SN7001", { ...LINK_FAILURE });
  const other = await server.addStation("T-1", 1);
  expect(await codeOf(send(attemptId, capture("x"), other))).toBe("result.attempt_unknown");
  expect(await codeOf(send(attemptId, Buffer.from("no capture")))).toBe("transcript.invalid");
  const large = Buffer.concat([capture("x"), Buffer.alloc(4 * 1024 * 1024)]);
  expect(await codeOf(send(attemptId, large))).toBe("request.too_large");
  expect((await seen(attemptId)).code).toBe("transcript.not_kept");
  expect((await send(attemptId, capture("first"))).status).toBe(201);
  expect((await send(attemptId, capture("second"))).status).toBe(200);
  expect(await seen(attemptId)).toMatchObject({ transcript: { bytes: 9 }, code: "accepted" });
  expect(await codeOf(server.client()("transcript", { params: { id: attemptId } }))).toBe(
    "auth.required",
  );

  const passed = await line.flash("SN7002", {}, "B");
  expect(await codeOf(send(passed.attemptId, capture("x")))).toBe("transcript.invalid");
});

test("a golden check that did not pass has one too, beside its result", async () => {
  const engineer = await server.person("engineer");
  const body = { serial: "GOLD-T", plant: "Graz", product: "PSU-40", version: "1.0.0" };
  await engineer("addGolden", { body: { ...body, reason: "known good" } });
  const check = async (change: Readonly<Record<string, unknown>>) => {
    const made = await goldenCheck(server, server.seed.station, "GOLD-T");
    await made.start();
    await made.report(change);
    return made.checkId;
  };
  const passed = await check({});
  expect(await codeOf(send(passed, capture("x")))).toBe("transcript.invalid");
  const unplugged = await check({ outcome: "FAIL", code: "attempt.unplugged", blame: "operator" });
  const failed = await check({ ...LINK_FAILURE });
  const other = await server.addStation("T-2", 1);
  expect(await codeOf(send(failed, capture("x"), other))).toBe("result.attempt_unknown");
  expect(await codeOf(send(failed, Buffer.from("no capture")))).toBe("transcript.invalid");
  const params = { id: failed };
  expect(await codeOf(engineer("goldenTranscript", { params }))).toBe("transcript.not_kept");
  expect((await send(failed, capture("first"))).status).toBe(201);
  expect((await send(failed, capture("second"))).status).toBe(200);
  expect((await send(unplugged, capture("out"))).status).toBe(201);
  const url = `/v1/golden-checks/${failed}/transcript`;
  expect((await server.app.inject({ url })).statusCode).toBe(401);
  const token = await server.token("read");
  expect((await token("goldenTranscript", { params })).status).toBe(200);
  const { latest } = (await engineer("goldenUnit", { params: { serial: "GOLD-T" } })).body;
  expect(latest.map(({ id, transcript }) => [id, transcript?.bytes])).toEqual([
    [failed, 9],
    [unplugged, 7],
    [passed, undefined],
  ]);
  const { body: listed } = await engineer("goldenChecks", { query: {} });
  expect(listed.find(({ id }) => id === failed)?.transcript?.bytes).toBe(9);
});

test("the oldest are forgotten: past their days, and past the space for all", async () => {
  const { sql } = server.platform.db;
  await sql.execute("DELETE FROM transcript");
  // Older than all: it has no room of its own.
  await sql.execute("UPDATE golden_transcript SET received_at = now() - interval '1 day'");
  const line = lineOf(server);
  const ids: string[] = [];
  for (const serial of ["SN7011", "SN7012", "SN7013"]) {
    const { attemptId } = await line.flash(serial, { ...LINK_FAILURE }, "C");
    await send(attemptId, capture(serial));
    ids.push(attemptId);
  }
  const kept = async () =>
    (
      await sql.query<{ id: string }>(
        "SELECT attempt_id AS id FROM transcript ORDER BY received_at",
      )
    ).map(({ id }) => id);
  const repository = transcriptsRepository(server.platform.db);
  const [{ stored } = { stored: 0 }] = await sql.query<{ stored: number }>(
    "SELECT max(stored) AS stored FROM transcript",
  );
  const golden = async () => (await sql.query("SELECT 1 FROM golden_transcript")).length;
  await repository.forget(90, 1024 * 1024);
  expect([await kept(), await golden()]).toEqual([ids, 2]);
  await repository.forget(90, 2 * stored);
  expect([await kept(), await golden()]).toEqual([ids.slice(1), 0]);
  await sql.execute(
    "UPDATE transcript SET received_at = now() - interval '91 days' WHERE attempt_id = $1",
    [ids[1]],
  );
  await repository.forget(90, 1024 * 1024);
  expect(await kept()).toEqual(ids.slice(2));
});
