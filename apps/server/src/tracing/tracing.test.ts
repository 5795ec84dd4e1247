import { once } from "node:events";
import { createServer } from "node:http";
import { pino } from "pino";
import { expect, test } from "vitest";
import { readConfig } from "../config/config.ts";
import { lineOf } from "../jobs/testing.ts";
import { type Collector, startCollector } from "../testing/collector.ts";
import { freePort } from "../testing/ports.ts";
import { type Publishing, startPublishing } from "../testing/publishing.ts";
import type { TestServer } from "../testing/server.ts";
import { openTracing } from "./otel.ts";

const SERIAL = "SN00004711";

/** A server with traces; all spans have been sent when it is closed. */
async function withServer(
  url: string,
  work: (server: TestServer, on: Publishing) => Promise<void>,
): Promise<void> {
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: url };
  const on = await startPublishing({ environment });
  try {
    await work(on.server, on);
  } finally {
    await on.server.close();
  }
}

test("a unit's requests are traced with their SQL, to the queue and on, and nothing tells which unit it is", async () => {
  const collector: Collector = await startCollector();
  let secret = "";
  let refusedAs: string | undefined = "";
  await withServer(collector.url, async (server, { publish, checked }) => {
    secret = server.seed.station.credential;
    await lineOf(server).flash(SERIAL);
    const answer = await server.app.inject({
      url: `/v1/units/${SERIAL}?x=1`,
      headers: { authorization: `Bearer ${await server.tokenSecret("read")}` },
    });
    refusedAs = answer.json<{ requestId?: string }>().requestId;
    await server.app.inject({ url: "/healthz" });
    await checked((await publish()).body.id);
  });
  const { spans, raw } = collector;
  await collector.close();
  const named = (name: RegExp) => spans.filter((span) => name.test(span.name));
  const under = (id: string): readonly string[] =>
    spans.flatMap((span) => (span.parentId === id ? [span.name, ...under(span.spanId)] : []));
  const [start] = named(/^POST \/v1\/agent\/jobs\/:id\/start$/);
  expect(start?.attributes).toMatchObject({
    "http.route": "/v1/agent/jobs/:id/start",
    "http.request.method": "POST",
    "http.response.status_code": "200",
    "flashline.request_id": expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(
    under(start?.spanId ?? "").filter((name) => /^(SELECT|INSERT|UPDATE)/.test(name)),
  ).not.toEqual([]);
  const [order] = named(/^POST \/v1\/agent\/jobs$/);
  expect(under(order?.spanId ?? "")).toContain("offer");
  const offer = named(/^offer$/).find(({ traceId }) => traceId === order?.traceId);
  expect(under(offer?.spanId ?? "")).not.toEqual([]);
  // Request → dispatch → queue → SQL are one trace.
  const [published] = named(/^POST \/v1\/releases$/);
  expect(under(published?.spanId ?? "")).toEqual(
    expect.arrayContaining(["transaction", "dispatch", "queue release"]),
  );
  const check = named(/^queue release$/).find(({ traceId }) => traceId === published?.traceId);
  expect(under(check?.spanId ?? "")).not.toEqual([]);
  const ids = spans.map(({ attributes }) => attributes["flashline.request_id"]);
  expect(ids).toContain(refusedAs);
  expect(named(/healthz/)).toEqual([]);
  for (const told of [SERIAL, secret, "L3-01", "PSU-40", "Bearer"]) expect(raw).not.toContain(told);
}, 60_000);

test("a collector that is away, and one that says nothing, are told once and hold nothing up", async () => {
  const silent = createServer(() => undefined).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const address = silent.address();
  const port = typeof address === "object" ? address?.port : 0;
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => lines.push(line) });
  const away = openTracing(`http://127.0.0.1:${await freePort()}/v1/traces`, "test", log);
  const mute = openTracing(`http://127.0.0.1:${port}/v1/traces`, "test", log);
  const began = performance.now();
  for (const tracing of [away, mute]) {
    for (let n = 0; n < 5_000; n += 1) tracing.begin("work", "internal", { n }).end("no.reason");
  }
  expect(performance.now() - began).toBeLessThan(3_000);
  const closing = performance.now();
  await Promise.all([away.close(), mute.close()]);
  expect(performance.now() - closing).toBeLessThan(4_000);
  silent.closeAllConnections();
  silent.close();
  expect(lines.filter((line) => line.includes("traces are not taken")).length).toBeLessThan(3);
});

test("there are no traces unless somebody asks for them by OpenTelemetry's variables", () => {
  const tracingOf = (environment: Record<string, string>) => readConfig(environment).tracing;
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/" };
  expect(tracingOf({})).toBeUndefined();
  expect(tracingOf(endpoint)).toEqual({
    url: "http://collector:4318/v1/traces",
    service: "flashline-server",
  });
  const own = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://c/x", OTEL_SERVICE_NAME: "graz" };
  expect(tracingOf({ ...endpoint, ...own })).toEqual({ url: "https://c/x", service: "graz" });
  expect(tracingOf({ ...endpoint, OTEL_SDK_DISABLED: "true" })).toBeUndefined();
  expect(tracingOf({ ...endpoint, OTEL_TRACES_EXPORTER: "none" })).toBeUndefined();
  expect(() => tracingOf({ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" })).toThrow("a problem");
});
