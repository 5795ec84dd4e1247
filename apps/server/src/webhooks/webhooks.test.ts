import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluator } from "../alarms/evaluate.ts";
import { SOURCES } from "../alarms/sources.ts";
import { recordEvent } from "../ledger/record.ts";
import { BY, eventsOf, wrongOf } from "../testing/events.ts";
import { eventually, refusal } from "../testing/refusal.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import { addresses } from "./address.ts";
import { backOffS } from "./answer.ts";
import { startEndpoint, verify } from "./testing.ts";

const environment = { FLASHLINE_WEBHOOK_LOOPBACK: "true" };
let server: TestServer;
let replica: TestServer;
let admin: TestClient;
beforeAll(async () => {
  server = await startTestServer({ environment });
  replica = await startTestServer({ replicaOf: server, environment });
  admin = await server.person("admin");
});
afterAll(async () => {
  await replica.close();
  await server.close();
});

const sql = () => server.platform.db.sql;
let made = 0;
/** An event with a name of its own. */
async function happen(name = "") {
  made += 1;
  const subject = { id: server.seed.lineId, name: `${name}${made}` };
  await recordEvent(sql(), { kind: "line.added", by: BY, subject, data: {} });
  return subject.name;
}
async function add(url: string, kinds: readonly string[] = ["line.added"]) {
  made += 1;
  const { body } = await admin("addWebhook", {
    body: { name: `W-${made}`, url, kinds: [...kinds] },
  });
  return { id: body.webhook.id, name: body.webhook.name, secret: body.secret };
}
const viewOf = async (id: string) => {
  const { body } = await admin("webhooks", {});
  return body.find((webhook) => webhook.id === id) ?? expect.fail("no such webhook");
};
/** Looks for causes of alarms, when nobody else is at it. */
const look = () =>
  eventually(
    () => evaluator(server.platform.db, SOURCES).look(),
    ({ looked }) => looked,
  );
/** Back-off is not waited for. */
const soon = (id: string) =>
  sql().execute("UPDATE webhook SET next_try_at = NULL WHERE id = $1", [id]);
const patience = 40_000;

describe("a webhook", { timeout: 60_000 }, () => {
  it("gets what happens of its kinds, in order, once, signed by the convention", async () => {
    const endpoint = await startEndpoint();
    const { id, secret } = await add(endpoint.url);
    const names: string[] = [];
    for (let n = 0; n < 8; n += 1) {
      names.push(await happen());
      await recordEvent(sql(), { kind: "plant.added", by: BY, subject: { name: "no" }, data: {} });
    }
    await eventually(
      async () => endpoint.got.length,
      (n) => n >= 8,
      patience,
    );
    expect(endpoint.got.map(({ subject }) => subject)).toEqual(names);
    expect(endpoint.got.every(({ type }) => type === "line.added")).toBe(true);
    expect(endpoint.most()).toBe(1);
    const [first] = endpoint.got;
    if (first === undefined) return expect.fail("nothing came");
    expect(verify(secret, first)).toMatchObject({
      type: "line.added",
      data: { subject: { name: names[0] } },
    });
    expect(() => verify(secret, { ...first, body: `${first.body} ` })).toThrow();
    const rotated = await admin("rotateWebhookSecret", { params: { id }, body: {} });
    await happen();
    await eventually(
      async () => endpoint.got.length,
      (n) => n >= 9,
      patience,
    );
    const last = endpoint.got.at(-1) ?? first;
    for (const one of [secret, rotated.body.secret]) expect(verify(one, last)).toBeDefined();
    await admin("rotateWebhookSecret", { params: { id }, body: { overlapHours: 0 } });
    await happen();
    await eventually(
      async () => endpoint.got.length,
      (n) => n >= 10,
      patience,
    );
    expect(() => verify(rotated.body.secret, endpoint.got.at(-1) ?? last)).toThrow();
    expect(await viewOf(id)).toMatchObject({ on: true, tries: 0, lastError: null, deadLetters: 0 });
    await admin("removeWebhook", { params: { id } });
    await endpoint.close();
  });

  it("that is away gets the same message until it is back, and nothing before it; others do not wait", async () => {
    const away = await startEndpoint(() => 503);
    const silent = await startEndpoint(() => null);
    const other = await startEndpoint();
    const { id } = await add(away.url);
    const hanging = await add(silent.url);
    const third = await add(other.url);
    const began = Date.now();
    const names = [await happen(), await happen()];
    await eventually(
      async () => other.got.length,
      (n) => n >= 2,
      patience,
    );
    // The silent one is waited for ten seconds.
    expect(other.got.map(({ subject }) => subject)).toEqual(names);
    expect(Date.now() - began).toBeLessThan(30_000);
    await eventually(
      () => viewOf(id),
      ({ tries }) => tries >= 1,
      patience,
    );
    expect(await viewOf(id)).toMatchObject({ lastError: "answered 503" });
    for (let n = 2; n <= 8; n += 1) {
      await soon(id);
      await eventually(
        () => viewOf(id),
        ({ tries }) => tries >= n,
        patience,
      );
    }
    // What was away so often has not refused anything yet.
    away.answer(() => 500);
    await soon(id);
    const warming = await eventually(
      () => viewOf(id),
      ({ tries }) => tries >= 9,
      patience,
    );
    expect([warming.lastError, warming.deadLetters]).toEqual(["answered 500", 0]);
    expect(new Set(away.got.map(({ id: message }) => message)).size).toBe(1);
    away.answer(() => 200);
    await soon(id);
    await eventually(
      async () => away.got.at(-1)?.subject,
      (name) => name === names[1],
      patience,
    );
    expect(
      await eventually(
        () => viewOf(id),
        ({ tries }) => tries === 0,
      ),
    ).toMatchObject({
      failingSince: null,
      lastError: null,
      deadLetters: 0,
    });
    for (const one of [id, hanging.id, third.id])
      await admin("removeWebhook", { params: { id: one } });
    await Promise.all([away, silent, other].map((endpoint) => endpoint.close()));
  });

  it("that refuses a message has it as a dead letter, with an alarm, and gets it again when somebody says so", async () => {
    const bad = "bad";
    const endpoint = await startEndpoint(({ subject }) => (subject.startsWith(bad) ? 422 : 204));
    const { id, name } = await add(endpoint.url);
    const [first, second] = [await happen(bad), await happen()];
    for (let n = 1; n <= 5; n += 1) {
      await eventually(
        () => viewOf(id),
        ({ tries, deadLetters }) => tries >= n || deadLetters > 0,
        patience,
      );
      await soon(id);
    }
    await eventually(
      async () => endpoint.got.at(-1)?.subject,
      (got) => got === second,
      patience,
    );
    expect(endpoint.got.filter(({ subject }) => subject === first)).toHaveLength(6);
    // Nothing waits for it: what happens in a month finds an endpoint that does not fail.
    const quiet = await eventually(
      () => viewOf(id),
      // The alarm that comes of it, too, is something that happens.
      ({ failingSince, behind }) => failingSince === null && behind === 0,
      patience,
    );
    expect(quiet).toMatchObject({ tries: 0, behind: 0, deadLetters: 1 });
    const { body: letters } = await admin("deadLetters", { params: { id } });
    expect(letters).toMatchObject([
      { kind: "line.added", tries: 6, error: "answered 422", replaying: false },
    ]);

    const alarms = async () =>
      (await admin("alarms", { query: { rule: "webhook.letters" } })).body.filter(
        (one) => one.subject.name === name,
      );
    await look();
    expect(await alarms()).toMatchObject([{ parameters: { letters: 1 } }]);
    endpoint.answer(() => 204);
    const before = endpoint.got.length;
    expect((await admin("replayWebhook", { params: { id }, body: {} })).body).toEqual({
      letters: 1,
    });
    await eventually(
      () => viewOf(id),
      ({ deadLetters }) => deadLetters === 0,
      patience,
    );
    expect(endpoint.got.slice(before).map(({ subject }) => subject)).toEqual([first]);
    await look();
    await sql().execute("UPDATE alarm SET gone_since = gone_since - interval '20 seconds'");
    await look();
    expect(await alarms()).toEqual([]);
    await admin("removeWebhook", { params: { id } });
    await endpoint.close();
  });

  it("that takes nothing for days, or is gone, is switched off aloud and goes on where it stopped", async () => {
    const endpoint = await startEndpoint(() => 302);
    const { id, name } = await add(endpoint.url);
    const missed = await happen();
    await eventually(
      () => viewOf(id),
      ({ tries }) => tries >= 1,
      patience,
    );
    expect((await viewOf(id)).lastError).toBe("answered 302: redirects are not followed");
    await sql().execute(
      "UPDATE webhook SET failing_since = now() - interval '73 hours' WHERE id = $1",
      [id],
    );
    await look();
    const { body: failing } = await admin("alarms", { query: { rule: "webhook.failing" } });
    expect(failing.filter(({ subject }) => subject.name === name)).toMatchObject([
      { message: expect.stringContaining("answered 302") },
    ]);
    await soon(id);
    const off = await eventually(
      () => viewOf(id),
      ({ on }) => !on,
      patience,
    );
    expect(off.offReason).toContain("It took nothing for three days.");
    await look();
    const { body: alarms } = await admin("alarms", { query: { rule: "webhook.off" } });
    expect(alarms.map(({ subject }) => subject.name)).toContain(name);
    endpoint.answer(() => 204);
    await admin("changeWebhook", { params: { id }, body: { on: true, reason: "it is back" } });
    await eventually(
      async () => endpoint.got.at(-1)?.subject,
      (got) => got === missed,
      patience,
    );
    endpoint.answer(() => 410);
    await happen();
    expect(
      (
        await eventually(
          () => viewOf(id),
          ({ on }) => !on,
          patience,
        )
      ).offReason,
    ).toContain("410");
    const events = (await eventsOf(sql(), "webhook.%")).filter(({ subjectId }) => subjectId === id);
    expect(events.map(({ kind, who }) => `${kind} ${who}`)).toEqual([
      "webhook.added person test-admin",
      "webhook.off system server",
      "webhook.changed person test-admin",
      "webhook.off system server",
    ]);
    expect(wrongOf(await eventsOf(sql(), "webhook.%"))).toEqual([]);
    // In a path there may be a key.
    expect(JSON.stringify(events)).not.toContain("/hook");
    expect(events[0]?.after).toEqual({
      origin: new URL(endpoint.url).origin,
      kinds: ["line.added"],
      on: true,
    });
    await admin("removeWebhook", { params: { id } });
    await endpoint.close();
  });

  it("is an admin's, has one name, and is tried without an event of the plant", async () => {
    const engineer = await server.person("engineer");
    expect(await refusal(engineer("webhooks", {}))).toBe("403 auth.forbidden");
    const token = await server.token("webhooks:write");
    const endpoint = await startEndpoint();
    const { id, name, secret } = await add(endpoint.url);
    const again = { body: { name, url: endpoint.url, kinds: ["*"] } };
    expect(await refusal(token("addWebhook", again))).toBe("409 request.conflict");
    const unknown = { body: { name: "x", url: endpoint.url, kinds: ["lines.*"] } };
    expect(await refusal(token("addWebhook", unknown))).toBe("400 request.invalid");
    expect((await token("testWebhook", { params: { id } })).body).toMatchObject({
      ok: true,
      status: 204,
      error: null,
    });
    const [test] = endpoint.got;
    if (test === undefined) return expect.fail("nothing came");
    expect([test.type, verify(secret, test)]).toMatchObject([
      "webhook.test",
      { data: { webhook: name } },
    ]);
    endpoint.answer(() => 404);
    expect((await token("testWebhook", { params: { id } })).body).toMatchObject({
      ok: false,
      error: "answered 404",
    });
    const { body } = await token("webhooks", {});
    expect(JSON.stringify(body)).not.toContain("whsec_");
    await admin("removeWebhook", { params: { id } });
    await endpoint.close();
  });
});

it("a copy on trial sends nothing by itself", async () => {
  const trial = await startTestServer({ environment: { ...environment, FLASHLINE_SEND: "false" } });
  const call = await trial.person("admin");
  const endpoint = await startEndpoint();
  const { body } = await call("addWebhook", {
    body: { name: "mes", url: endpoint.url, kinds: ["*"] },
  });
  const { id } = body.webhook;
  await eventually(
    async () => (await call("webhooks", {})).body[0]?.behind ?? 0,
    (behind) => behind > 0,
    patience,
  );
  expect((await call("testWebhook", { params: { id } })).body.ok).toBe(true);
  await new Promise((done) => setTimeout(done, 2_500));
  expect(endpoint.got.map(({ type }) => type)).toEqual(["webhook.test"]);
  await trial.close();
  await endpoint.close();
});

it("only addresses that mean somebody else are called", async () => {
  const plain = addresses({ loopback: false });
  const open = addresses({ loopback: true });
  for (const url of [
    "http://127.0.0.1/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://localhost:8370/",
  ]) {
    expect(() => plain.mustBeUsable(url), url).toThrow("may not be called");
    expect(() => open.mustBeUsable(url), url).not.toThrow();
  }
  for (const url of [
    "http://169.254.169.254/latest",
    "http://[fe80::1]/",
    "http://0.0.0.0/",
    "http://[::]/",
    "http://224.0.0.1/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[::ffff:169.254.169.254]/",
    "http://user:secret@mes/",
  ]) {
    expect(() => open.mustBeUsable(url), url).toThrow();
  }
  for (const url of [
    "http://10.1.2.3/",
    "https://mes.plant.example/hook",
    "http://192.168.0.9:8080/",
  ]) {
    expect(() => plain.mustBeUsable(url), url).not.toThrow();
  }
  // A name that means this machine is found when it is called.
  const looked = await new Promise((done) => {
    plain.lookup("localhost", { all: true }, (error) => done(error?.message ?? "called"));
  });
  expect(looked).toContain("may not be called");
});

it("waits longer each time, by chance, and as long as it is asked to", () => {
  expect([1, 2, 3, 8, 40].map((tries) => backOffS(tries, null, 1))).toEqual([5, 10, 20, 600, 600]);
  expect(backOffS(3, null, 0)).toBe(10);
  expect([backOffS(1, 120, 1), backOffS(1, 1e9, 1)]).toEqual([120, 3_600]);
});
