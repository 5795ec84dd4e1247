import type { ResultAnswer } from "@flashline/contract";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fingerprint, lineOf, resultOf } from "../jobs/testing.ts";
import { hostile, type Known, type Schema, valueFor } from "./hostile.ts";
import { startTestServer, type TestServer } from "./server.ts";

/** Requests to each operation. */
const RUNS = Math.ceil(Number(process.env["FLASHLINE_RUNS"] ?? 3000) / 150);
/** Another start for every long run, unless one is to be repeated. */
const SEED = process.env["FLASHLINE_SEED"] ? { seed: Number(process.env["FLASHLINE_SEED"]) } : {};
const SECONDS = RUNS > 100 ? 3600 : 60;
/** An answer that takes longer has hung. */
const PATIENCE_MS = 10_000;

interface Operation {
  readonly operationId: string;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly { name: string; in: string; schema: Schema }[];
  readonly requestBody?: { content: Readonly<Record<string, { schema?: Schema }>> };
}
interface Shot {
  readonly url: string;
  readonly payload: string | undefined;
  readonly type: string;
}

let server: TestServer;
let known: Known;
let headers: Readonly<Record<string, Readonly<Record<string, string>>>>;
beforeAll(async () => {
  server = await startTestServer({ requestsPerMinute: 1_000_000 });
  const line = lineOf(server);
  const started = await line.start(await line.lease("SN9000", "B"));
  const { seed, platform } = server;
  const [unit] = await platform.db.sql.query<{ id: string }>("SELECT id FROM unit");
  const token = await server.tokenSecret(
    "read",
    "releases:publish",
    "releases:promote",
    "orders:write",
    "stations:write",
    "people:write",
    "keys:write",
  );
  headers = {
    station: { authorization: `Bearer ${seed.station.credential}` },
    people: { authorization: `Bearer ${token}` },
    nobody: {},
  };
  known = {
    id: [unit?.id, seed.releaseId, seed.workOrderId, started.job.jobId, started.attemptId],
    jobId: [started.job.jobId],
    attemptId: [started.attemptId],
    product: [seed.product],
    version: [seed.version],
    station: [seed.station.name],
    line: ["L3"],
    plant: ["Graz"],
    nest: ["A", "B"],
    chip: ["STM32F407"],
    serial: ["SN9000", "SN9001"],
    host: [fingerprint(seed.station, "B")],
    epoch: [1],
    // Else every other acquire waits for 25 s.
    waitMs: [0],
    serialPattern: ["SN\\d+", "([A-Z0-9]+)+", null],
  };
});
afterAll(() => server.close());

/** As a URL carries it: bytes in UTF-8. */
function text(value: unknown): string {
  const told = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return encodeURIComponent(Buffer.from(told, "utf8").toString("utf8"));
}

function shotAt(path: string, operation: Operation): fc.Arbitrary<Shot> {
  const { parameters = [], requestBody } = operation;
  const named = (name: string, schema: Schema) =>
    fc.oneof(fc.constantFrom(...(known[name] ?? [undefined])), valueFor(schema, known), hostile);
  const inPath = fc.record(
    Object.fromEntries(
      parameters.filter((p) => p.in === "path").map((p) => [p.name, named(p.name, p.schema)]),
    ),
  );
  const inQuery = fc.record(
    Object.fromEntries(
      parameters.filter((p) => p.in === "query").map((p) => [p.name, named(p.name, p.schema)]),
    ),
    { requiredKeys: [] },
  );
  const [type = "application/json", content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const schema = content?.schema;
  const body =
    schema === undefined
      ? fc.option(fc.string(), { nil: undefined })
      : fc.oneof(
          { arbitrary: valueFor(schema, known).map((value) => JSON.stringify(value)), weight: 9 },
          { arbitrary: fc.string(), weight: 1 },
        );
  return fc.tuple(inPath, inQuery, body).map(([values, query, payload]) => {
    const where = path.replace(/\{(\w+)\}/g, (_, name: string) =>
      text((values as Record<string, unknown>)[name]),
    );
    const pairs = Object.entries(query).map(([name, value]) => `${name}=${text(value)}`);
    return { url: pairs.length === 0 ? where : `${where}?${pairs.join("&")}`, payload, type };
  });
}

async function fire(method: string, who: string, { url, payload, type }: Shot): Promise<number> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(reject, PATIENCE_MS, new RangeError("no answer")).unref();
  });
  const answer = server.app.inject({
    method: method.toUpperCase() as "GET",
    url,
    headers: { ...headers[who], ...(payload === undefined ? {} : { "content-type": type }) },
    ...(payload === undefined ? {} : { payload }),
  });
  return (await Promise.race([answer, late])).statusCode;
}

test("no operation fails or hangs, whatever it is sent", { timeout: SECONDS * 1000 }, async () => {
  const { paths } = (await server.app.inject("/openapi.json")).json<{
    paths: Record<string, Record<string, Operation>>;
  }>();
  let operations = 0;
  const answered = new Set<string>();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      operations += 1;
      const [first] = operation.security ?? [];
      const own = first === undefined ? "nobody" : "station" in first ? "station" : "people";
      const shots = fc.tuple(
        shotAt(path, operation),
        fc.constantFrom(own, own, own, own, "nobody"),
      );
      await fc.assert(
        fc.asyncProperty(shots, async ([shot, who]) => {
          const status = await fire(method, who, shot);
          answered.add(`${operation.operationId} ${status}`);
          expect(status, `${method} ${shot.url} ${shot.payload}`).toBeLessThan(500);
        }),
        { numRuns: RUNS, ...SEED },
      );
    }
  }
  expect(operations).toBeGreaterThan(30);
  // A fuzz that never comes past the first check proves little.
  const accepted = [...answered].filter((line) => / 20\d$/.test(line));
  expect(accepted.length).toBeGreaterThan(12);
});

test("a result with anything in it is stored or refused, never lost to a failure", {
  timeout: SECONDS * 1000,
}, async () => {
  // The operations above closed work orders and revoked releases.
  const own = await startTestServer({ requestsPerMinute: 1_000_000 });
  // A job that is unknown afterwards uses up a unit of its order.
  await own.platform.db.sql.execute("UPDATE work_order SET quantity = $1", [4 * RUNS]);
  const line = lineOf(own);
  const authorization = `Bearer ${own.seed.station.credential}`;
  let made = 0;
  const keys = fc.constantFrom(
    ...[
      "code",
      "blame",
      "phase",
      "address",
      "detail",
      "incidents",
      "profile",
      "bytes",
      "durationMs",
    ],
    ...["phaseMs", "erasedSectors", "chip", "chipEvidence", "usbSerial", "startedAt", "finishedAt"],
    ...["reportedAt", "agentVersion", "patch", "epoch", "host", "news", "touched"],
  );
  const changes = fc.dictionary(keys, hostile, { minKeys: 1, maxKeys: 3 });
  const texts = ["startedAt", "reportedAt", "detail", "usbSerial", "chip", "agentVersion", "code"];
  await fc.assert(
    fc.asyncProperty(changes, async (change) => {
      made += 1;
      const attempt = await line.start(await line.lease(`SN${100_000 + made}`));
      const body = JSON.stringify(resultOf(attempt, { outcome: "FAIL", ...change }));
      const answer = await own.app.inject({
        method: "PUT",
        url: `/v1/agent/attempts/${attempt.attemptId}/result`,
        headers: { authorization, "content-type": "application/json" },
        payload: body,
      });
      expect(answer.statusCode, body).toBeLessThan(500);
      // Whatever a text is, it is text.
      const isText = Object.entries(change).every(
        ([key, value]) => texts.includes(key) && typeof value === "string",
      );
      if (isText) expect([201, 202], body).toContain(answer.statusCode);
      if (answer.statusCode >= 400) {
        await line.report(attempt, resultOf(attempt, { outcome: "FAIL" }));
      } else if (answer.json<ResultAnswer>().jobState === "RUNNING") {
        // Told with another epoch: evidence only, and the nest is still the job's.
        const { jobId: id, epoch } = attempt.job;
        expect(change["epoch"], body).not.toBe(epoch);
        await line.call("cancelJob", {
          params: { id },
          body: { epoch, code: "attempt.cancelled", message: "" },
        });
      }
    }),
    { numRuns: 2 * RUNS, ...SEED },
  );
  await own.close();
});
