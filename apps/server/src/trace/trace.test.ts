import { inflateSync } from "node:zlib";
import { UnitDossier } from "@flashline/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withClient } from "../chaos/postgres-process.ts";
import { LINK_FAILURE, lineOf } from "../jobs/testing.ts";
import { onOneDay } from "../testing/midnight.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";

let server: TestServer;
let before: string;
onOneDay();
beforeAll(async () => {
  server = await startTestServer();
  const line = lineOf(server);
  await line.flash("SN7001");
  await line.flash("SN7002", LINK_FAILURE);
  await line.flash("SN7003", {
    outcome: "FAIL",
    code: "protection.read",
    blame: "unit",
    touched: false,
  });
  before = new Date().toISOString();
  await line.flash("SN7002");
  await line.flash("SN7004");
  await line.start(await line.lease("SN7005"));
});
afterAll(() => server.close());

const engineer = () => server.person("engineer");

describe("containment", () => {
  it("counts what was touched, or may have been, and what became of it", async () => {
    const call = await engineer();
    const { body } = await call("containment", { query: { station: server.seed.station.name } });
    expect(body).toMatchObject({ units: 4, attempts: 5, unreported: 1, reflashed: 0, held: 0 });
    expect(body.states).toEqual({ passed: 3, "in work": 1 });
  });

  it("tells units that were flashed again since from those that were not", async () => {
    const call = await engineer();
    const { body } = await call("containment", { query: { to: before } });
    expect(body).toMatchObject({ units: 2, attempts: 2, unreported: 0, reflashed: 1 });
    const later = await call("containment", { query: { from: before } });
    expect(later.body).toMatchObject({ units: 3, attempts: 3, unreported: 1, reflashed: 0 });
    const bad = await call("containment", { query: { code: "link.budget" } });
    expect(bad.body).toMatchObject({ units: 1, states: { passed: 1 }, reflashed: 1 });
  });

  it("says which units are on hold", async () => {
    const call = await engineer();
    const target = { kind: "unit", serial: "SN7001" } as const;
    await call("setHold", { body: { target, reason: "looked at by hand" } });
    const { body } = await call("containment", { query: { product: server.seed.product } });
    expect(body).toMatchObject({ units: 4, held: 1 });
    await call("liftHold", { body: { target, reason: "looked at" } });
  });

  it("finds by every name, and by nothing else", async () => {
    const call = await engineer();
    const { rows } = await server.platform.db.sql
      .query<{ version: string; sha256: string; number: string; host: string }>(
        `SELECT r.version, i.image_sha256 AS sha256, wo.number, a.host_id AS host FROM attempt a
           JOIN release r ON r.id = a.release_id JOIN release_image i ON i.release_id = r.id
           JOIN work_order wo ON wo.id = a.work_order_id LIMIT 1`,
      )
      .then((all) => ({ rows: all }));
    const [one] = rows;
    const name = server.seed.station.name;
    for (const query of [
      { release: one?.version },
      { image: one?.sha256 },
      { order: one?.number },
      { host: one?.host },
      { model: "8086:a36d" },
      { step: "flash", plant: "Graz" },
      { window: "today" as const },
      { station: name, nest: "A" },
      { virtual: "false" as const },
    ]) {
      expect((await call("containment", { query })).body.units, JSON.stringify(query)).toBe(4);
    }
    expect((await call("containment", { query: { virtual: "true" } })).body).toMatchObject({
      units: 0,
      attempts: 0,
      first: null,
      states: {},
    });
  });

  it.each([
    [{ station: "L9-99" }, "request.not_found", "There is no station L9-99."],
    [{ host: "nobody" }, "request.not_found", "There is no host nobody."],
    [{ release: "9.9.9" }, "request.not_found", "There is no release 9.9.9."],
    [{ order: "WO-X" }, "request.not_found", "There is no work order WO-X."],
    [{ batch: "LOT-X" }, "request.not_found", "There is no unit of the batch LOT-X."],
    [{ nest: "A" }, "request.invalid", "nest needs station: each station has its own."],
    [{ plant: "Linz" }, "request.not_found", "There is no plant Linz."],
    [{ model: "1234:5678" }, "request.not_found", "There is no host with a controller 1234:5678."],
    [{ step: "test" }, "request.not_found", "There is no step test."],
    [{ shift: "late" }, "request.invalid", "shift needs day: on which it began."],
  ])(
    "refuses %j, because it would look as if nothing were affected",
    async (query, code, message) => {
      const call = await engineer();
      for (const name of ["containment", "containmentList"] as const) {
        await expect(call(name, { query })).rejects.toMatchObject({ refusal: { code, message } });
      }
    },
  );

  it("lists each unit once, as CSV", async () => {
    const text = await raw(`/v1/containment.csv?to=${encodeURIComponent(before)}`);
    const [head, ...rows] = text.payload.toString("utf8").trim().split("\n");
    expect(text.headers["content-type"]).toBe("text/csv; charset=utf-8");
    expect(head).toBe(
      "product,serial,board_revision,batch,attempts,first_at,last_at,outcome,code,release,order,station,nest,host,state,reflashed,now_release,now_outcome,now_at,held,unit_id,exception,operator",
    );
    expect(rows.map((row) => row.split(",")[1])).toEqual(["SN7001", "SN7002"]);
    expect(rows[1]).toMatch(/,FAIL,link\.budget,.*,passed,t,[^,]+,PASS,[^,]+,f,/);
  });

  it("gives statement and connection back when its reader leaves, in the middle or before the first row", async () => {
    const { sql } = server.platform.db;
    // Rows that are longer than what sockets take in ahead of a reader.
    // Past the server's own pool: a slow disk takes longer than a query there may.
    await withClient(server.database.url, (client) =>
      client.query("UPDATE attempt SET code = repeat('x', 16000000) WHERE outcome = 'PASS'"),
    );
    const url = await server.app.listen({ host: "127.0.0.1", port: 0 });
    const token = await server.tokenSecret("read");
    const leaving = async (what: "containment" | "containment.csv", isReading: boolean) => {
      const reader = new AbortController();
      const { signal } = reader;
      const headers = { authorization: `Bearer ${token}` };
      const asked = fetch(`${url}/v1/${what}`, { headers, signal });
      const began = isReading ? (await asked).body?.getReader().read() : asked;
      began?.catch(() => undefined);
      await expect.poll(lists).toBe(1);
      if (isReading) await began;
      reader.abort();
      await expect.poll(lists, { timeout: 5_000 }).toBe(0);
    };
    const lists = async () =>
      (
        await sql.query(
          "SELECT FROM pg_stat_activity WHERE application_name = 'flashline-list' AND datname = current_database()",
        )
      ).length;
    await leaving("containment.csv", true);
    await withClient(server.database.url, async (client) => {
      await client.query("BEGIN");
      await client.query("LOCK TABLE hold IN ACCESS EXCLUSIVE MODE");
      // More often than there are places.
      for (let again = 0; again < 4; again += 1) {
        await leaving("containment.csv", false);
        await leaving("containment", false);
      }
      await client.query("ROLLBACK");
    });
    await sql.execute("UPDATE attempt SET code = NULL WHERE outcome = 'PASS'");
    expect((await raw("/v1/containment.csv")).statusCode).toBe(200);
  });

  it("takes quotes and percent signs of a name as text", async () => {
    const call = await engineer();
    const batch = `LOT '$1' "x"; --`;
    await call("addUnits", { body: { product: server.seed.product, serials: ["SN7090"], batch } });
    const { payload, statusCode } = await raw(
      `/v1/containment.csv?batch=${encodeURIComponent(batch)}`,
    );
    expect(statusCode).toBe(200);
    expect(payload.toString("utf8").trim().split("\n")).toHaveLength(1);
  });
});

async function raw(url: string) {
  const token = await server.tokenSecret("read");
  const answer = await server.app.inject({ url, headers: { authorization: `Bearer ${token}` } });
  const { statusCode, headers, rawPayload: payload } = answer;
  return { statusCode, headers, payload };
}

describe("a unit's dossier", () => {
  it("has its attempts, releases, holds and events, and no secret", async () => {
    const call = await engineer();
    const [unit] = (await call("units", { query: { search: "SN7002" } })).body;
    const target = { kind: "unit", serial: "SN7002" } as const;
    await call("setHold", { body: { target, reason: "customer's return" } });
    await expect
      .poll(async () => {
        const { body } = await call("dossier", { params: { id: unit?.id ?? "" } });
        return body.events.map(({ kind }) => kind).toReversed();
      })
      .toEqual([
        ...["attempt.started", "attempt.finished", "attempt.started", "attempt.finished"],
        "unit.held",
      ]);
    const { body } = await call("dossier", { params: { id: unit?.id ?? "" } });
    expect(body).toMatchObject({
      attemptsInAll: 2,
      unit: { serial: "SN7002", state: "passed" },
      attempts: [{ outcome: "PASS" }, { outcome: "FAIL", code: "link.budget" }],
      holds: [{ reason: "customer's return", liftedAt: null }],
      releases: [{ images: [{ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }] }],
    });
    await expect(call("dossier", { params: { id: crypto.randomUUID() } })).rejects.toMatchObject({
      refusal: { code: "request.not_found" },
    });
  });

  it("is a PDF with the same as JSON attached", async () => {
    const call = await engineer();
    const [unit] = (await call("units", { query: { search: "SN7002" } })).body;
    const { payload, headers } = await raw(`/v1/units/${unit?.id}/dossier.pdf`);
    expect(headers["content-type"]).toBe("application/pdf");
    expect(payload.subarray(0, 5).toString("latin1")).toBe("%PDF-");
    const attached = streamsOf(payload).find((stream) => stream.startsWith("{"));
    const told = UnitDossier.parse(JSON.parse(attached ?? ""));
    const { body } = await call("dossier", { params: { id: unit?.id ?? "" } });
    expect(told).toEqual({ ...body, asOf: told.asOf });
  });
});

/** The inflated streams of a PDF. */
function streamsOf(pdf: Buffer): readonly string[] {
  const found: string[] = [];
  for (let at = pdf.indexOf("stream\n"); at >= 0; at = pdf.indexOf("\nstream\n", at + 1)) {
    const from = pdf.indexOf("stream\n", at) + "stream\n".length;
    try {
      found.push(
        inflateSync(pdf.subarray(from, pdf.indexOf("\nendstream", from))).toString("utf8"),
      );
    } catch {
      // Not every stream is deflated.
    }
  }
  return found;
}
