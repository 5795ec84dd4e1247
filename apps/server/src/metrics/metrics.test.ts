import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LINK_FAILURE, lineOf, resultOf } from "../jobs/testing.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

async function scrape(): Promise<string> {
  const headers = { authorization: `Bearer ${await server.tokenSecret("read")}` };
  const answer = await server.app.inject({ url: "/metrics", headers });
  expect([answer.statusCode, answer.headers["content-type"]]).toEqual([
    200,
    "text/plain; version=0.0.4; charset=utf-8",
  ]);
  return answer.body;
}

test("nobody reads the metrics without a credential that may", async () => {
  expect((await server.app.inject("/metrics")).statusCode).toBe(401);
  const headers = { authorization: `Bearer ${server.seed.station.credential}` };
  expect((await server.app.inject({ url: "/metrics", headers })).statusCode).toBe(403);
});

test("a result is counted once, by station, outcome and blame", async () => {
  const line = lineOf(server);
  const attempt = await line.start(await line.lease("SN0001"));
  const failed = resultOf(attempt, LINK_FAILURE);
  expect((await line.report(attempt, failed)).status).toBe(201);
  expect((await line.report(attempt, failed)).status).toBe(200);
  const text = await scrape();
  expect(text).toContain(
    'flashline_results_total{station="L3-01",outcome="FAIL",blame="host",doubtful="false"} 1\n',
  );
  expect(text).toMatch(
    /flashline_http_request_duration_seconds_count\{method="PUT",route="\/v1\/agent\/attempts\/:id\/result",status="201"\} 1\n/,
  );
});

test("every replica tells what the database holds", async () => {
  await lineOf(server).order("SN0002");
  const other = await startTestServer({ replicaOf: server, idle: true });
  const headers = { authorization: `Bearer ${await server.tokenSecret("read")}` };
  const { body } = await other.app.inject({ url: "/metrics", headers });
  await other.close();
  expect(body).toMatch(/^flashline_jobs_open\{state="(QUEUED|OFFERED)"\} 1$/m);
  expect(body).toMatch(/^flashline_stations\{state="(silent|connected)"\} 1$/m);
  expect(body).toMatch(/^flashline_work_order_units_left\{order="WO-1"\} \d+$/m);
});

test("names keep Prometheus' conventions, as `promtool check metrics` holds them", async () => {
  const text = await scrape();
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = "", type]) => ({
    name,
    type,
  }));
  expect(types.length).toBeGreaterThan(20);
  const wrong = types.filter(({ name, type }) => (type === "counter") !== name.endsWith("_total"));
  expect(wrong).toEqual([]);
  const helped = [...text.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name);
  expect(types.filter(({ name }) => !helped.includes(name))).toEqual([]);
  expect(types.filter(({ name }) => /_(ms|minutes|hours|days|kb|mb)(_|$)/.test(name))).toEqual([]);
});

test("the dashboard for Grafana asks for nothing that the server does not tell", async () => {
  const file = new URL("../../../../deploy/grafana/flashline.json", import.meta.url);
  const asked = [
    ...readFileSync(file, "utf8").matchAll(/\b(flashline|process|nodejs)_[a-z0-9_]+/g),
  ];
  const text = await scrape();
  const known = new Set([...text.matchAll(/^([a-z0-9_]+)[ {]/gm)].map(([, name]) => name));
  const types = new Set([...text.matchAll(/^# TYPE ([a-z0-9_]+) /gm)].map(([, name]) => name));
  const missing = asked
    .map(([name]) => name)
    .filter((name) => !known.has(name) && !types.has(name));
  expect(asked.length).toBeGreaterThan(15);
  expect(missing).toEqual([]);
});
