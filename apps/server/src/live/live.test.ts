import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { FlashlineError, LiveEvent, type StationStatus } from "@flashline/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authRepository } from "../auth/repository.ts";
import { hashSecret, newSecret, SecretKind } from "../auth/secrets.ts";
import { authService } from "../auth/service.ts";
import { SESSION_COOKIE } from "../http/session-cookie.ts";
import { newId } from "../ids.ts";
import { lineOf } from "../jobs/testing.ts";
import { peopleOn } from "../people/feature.ts";
import { BY } from "../testing/events.ts";
import { onOneDay } from "../testing/midnight.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";
import { listenerPlaces } from "./places.ts";

let server: TestServer;
let replica: TestServer;
onOneDay();
beforeAll(async () => {
  server = await startTestServer();
  replica = await startTestServer({ replicaOf: server });
});
afterAll(async () => {
  await replica.close();
  await server.close();
});

const BUSY: StationStatus = {
  queuedResults: 2,
  nests: [
    { name: "A", state: "busy", serial: "SN8001", phase: "write", fraction: 0.4, code: null },
    { name: "B", state: "empty", serial: null, phase: null, fraction: null, code: null },
  ],
};

const seeded = async (at: TestServer) => {
  const { body } = await (await at.person("operator-lead"))("stations", {});
  return body.find(({ name }) => name === "L3-01") ?? expect.fail("no station L3-01");
};

/** Reads an event stream until it ends; `until` tells when enough was seen. */
async function listen(
  url: string,
  headers: Record<string, string>,
  until: (e: LiveEvent) => boolean,
) {
  const gone = new AbortController();
  const answer = await fetch(url, { headers, signal: gone.signal });
  const events: LiveEvent[] = [];
  const seen = (async () => {
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      const parts = text.split("\n\n");
      text = parts.pop() ?? "";
      for (const part of parts.filter((line) => line.startsWith("data: "))) {
        const event = LiveEvent.parse(JSON.parse(part.slice(6)));
        events.push(event);
        if (until(event)) return events;
      }
    }
    return events;
  })();
  return { answer, seen, leave: () => gone.abort() };
}

describe("stations", () => {
  it("are shown as they last said, on every replica, with today's counts", async () => {
    expect(await seeded(server)).toMatchObject({ enrolled: true, connected: false });
    await lineOf(server).flash("SN8000", {}, "D");
    await server.station()("status", { body: BUSY });
    const view = await seeded(server);
    expect(view).toMatchObject({
      connected: true,
      queuedResults: 2,
      workOrder: "WO-1",
      product: "PSU-40",
      version: "1.0.0",
      today: { passed: 1, failed: 0 },
    });
    expect(view.nests[0]).toEqual({ ...BUSY.nests[0], portPath: "1-1" });
    // What nobody has said is unknown, not empty.
    expect(view.nests[2]).toMatchObject({ name: "C", state: "unknown", serial: null });
    await expect
      .poll(async () => (await seeded(replica)).nests[0]?.state, { timeout: 15_000 })
      .toBe("busy");
  });

  it("costs no statement between two signs of life", async () => {
    const { sql } = server.platform.db;
    const other = await server.addStation("L3-09", 1);
    const call = server.station(other);
    const { body } = await call("status", { body: BUSY });
    const seen = async () => {
      const [row] = await sql.query("SELECT last_seen_at, xmin::text FROM station WHERE id = $1", [
        other.id,
      ]);
      return row;
    };
    const before = await seen();
    expect((await call("status", { body: BUSY })).body).toEqual(body);
    expect(await seen()).toEqual(before);
  });

  it("learn from the setup's version that something changed", async () => {
    const { sql } = server.platform.db;
    const versionOf = async (name: string) => {
      const station = await server.addStation(name, 1);
      await sql.execute("UPDATE station SET name = 'same' WHERE id = $1", [station.id]);
      const { body } = await server.station(station)("status", { body: BUSY });
      await sql.execute("UPDATE station SET name = $2 WHERE id = $1", [station.id, name]);
      return body.setupVersion;
    };
    const first = await versionOf("V-1");
    expect(await versionOf("V-2")).toBe(first);
    await sql.execute("UPDATE work_order SET quantity = 99");
    expect(await versionOf("V-3")).not.toBe(first);
  });
});

describe("the event stream", () => {
  it("tells dashboards of jobs, attempts and stations, and ends when the server closes", async () => {
    const closing = await startTestServer({ replicaOf: server });
    await closing.app.listen({ host: "127.0.0.1", port: 0 });
    const { port } = closing.app.server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/v1/live`;
    expect((await fetch(url)).status).toBe(401);
    const station = { authorization: `Bearer ${server.seed.station.credential}` };
    expect((await fetch(url, { headers: station })).status).toBe(403);

    const headers = { authorization: `Bearer ${await readToken(server)}` };
    const nameOf = (event: LiveEvent) => (event.type === "job" ? event.state : event.type);
    const jobs = ["QUEUED", "OFFERED", "LEASED", "RUNNING", "PASSED"];
    const missing = new Set<string>(["station", "attempt", "hosts", ...jobs]);
    const stream = await listen(url, headers, (event) => {
      missing.delete(nameOf(event));
      return missing.size === 0;
    });
    expect(stream.answer.headers.get("content-type")).toContain("text/event-stream");
    await server.station()("status", { body: BUSY });
    const attempt = await lineOf(server).flash("SN8010", {}, "B");
    const events = await stream.seen;
    expect([...missing]).toEqual([]);
    expect(events).toContainEqual({
      type: "attempt",
      attemptId: attempt.attemptId,
      serial: "SN8010",
      outcome: "PASS",
    });

    const open = await listen(url, headers, () => false);
    const began = Date.now();
    await closing.close();
    await open.seen;
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  it("ends within 15 s for a person who was disabled, and for nobody else", async () => {
    const other = await startTestServer({ replicaOf: server });
    await other.app.listen({ host: "127.0.0.1", port: 0 });
    const { port } = other.app.server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/v1/live`;
    const auth = authService(authRepository(server.platform.db));
    const people = peopleOn(server.platform.db);
    await people.save("leaver", "engineer", "correct horse battery", BY);
    const { secret } = await auth.login("leaver", "correct horse battery", BY);
    const leaver = await listen(url, { cookie: `${SESSION_COOKIE}=${secret}` }, () => false);
    const headers = { authorization: `Bearer ${await readToken(server)}` };
    const stays = await listen(url, headers, () => false);
    let ended = false;
    const end = stays.seen.then(
      () => {
        ended = true;
      },
      () => undefined,
    );
    const began = Date.now();
    await people.disable("leaver", undefined, BY);
    await leaver.seen;
    expect(Date.now() - began).toBeLessThan(15_000);
    expect(ended).toBe(false);
    expect((await fetch(`${url}?since=1`, { headers })).status).toBe(400);
    await other.close();
    await end;
  });
});

describe("places on the event stream", () => {
  it("are bounded by caller and in all, and free again when a stream ends", async () => {
    const places = listenerPlaces(3, 2);
    const open: ServerResponse[] = [];
    const listening = createServer((request, response) => {
      try {
        places.take(request.url ?? "", response);
        open.push(response);
        response.writeHead(200).flushHeaders();
      } catch (error) {
        response.writeHead(error instanceof FlashlineError ? error.status : 500).end();
      }
    });
    listening.listen(0, "127.0.0.1");
    await once(listening, "listening");
    const { port } = listening.address() as AddressInfo;
    const leaving = new AbortController();
    const ask = async (caller: string) => {
      const { status } = await fetch(`http://127.0.0.1:${port}/${caller}`, {
        signal: leaving.signal,
      });
      return status;
    };
    expect([await ask("a"), await ask("a"), await ask("a")]).toEqual([200, 200, 429]);
    expect([await ask("b"), await ask("c")]).toEqual([200, 429]);
    open[0]?.end();
    await expect.poll(() => ask("a")).toBe(200);
    expect(await ask("b")).toBe(429);
    leaving.abort();
    listening.closeAllConnections();
    listening.close();
  });
});

it("a caller has sixteen streams at the route and no more; one that ends makes room", async () => {
  const other = await startTestServer({ replicaOf: server, idle: true });
  await other.app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = other.app.server.address() as AddressInfo;
  const headers = { authorization: `Bearer ${await readToken(server)}` };
  const leaving: AbortController[] = [];
  const open = async () => {
    const gone = new AbortController();
    leaving.push(gone);
    return await fetch(`http://127.0.0.1:${port}/v1/live`, { headers, signal: gone.signal });
  };
  for (let n = 0; n < 16; n += 1) expect((await open()).status).toBe(200);
  const refused = await open();
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "15"]);
  expect(await refused.json()).toMatchObject({ code: "request.rate_limited" });
  leaving[0]?.abort();
  await expect.poll(async () => (await open()).status, { timeout: 5_000 }).toBe(200);
  for (const gone of leaving) gone.abort();
  await other.close();
});

/** A token's secret; the test helper keeps its own to itself. */
async function readToken(at: TestServer): Promise<string> {
  const secret = newSecret(SecretKind.ApiToken);
  await at.platform.db.prisma.apiToken.create({
    data: { id: newId(), name: "live", tokenHash: hashSecret(secret), scopes: ["read"] },
  });
  return secret;
}
