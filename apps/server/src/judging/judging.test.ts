import { formatPublicKey, generateKeyPair } from "@flashline/signing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sealerRepository } from "../audit/sealer.repository.ts";
import type { Database } from "../db/database.ts";
import { LINK_FAILURE, lineOf } from "../jobs/testing.ts";
import { eventsOf, wrongOf } from "../testing/events.ts";
import type { SeededStation } from "../testing/seed.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import { follower } from "./follow.ts";
import type { NumberedLesson } from "./populations.ts";
import { rebuildVerdict } from "./rebuild.ts";
import { stateDigest } from "./state.repository.ts";
import { addSteps } from "./steps.repository.ts";

let server: TestServer;
let db: Database;
let engineer: TestClient;
let bad: SeededStation;
let good: readonly SeededStation[];

beforeAll(async () => {
  server = await startTestServer();
  db = server.platform.db;
  engineer = await server.person("engineer");
  // Whose id in the ledger is no UUID.
  const admin = await server.person("admin");
  const { publicKey } = generateKeyPair();
  await admin("addKey", { body: { name: "second", publicKey: formatPublicKey(publicKey) } });
  bad = await server.addStation("L3-07", 1);
  good = [await server.addStation("L3-08", 1), await server.addStation("L3-09", 1)];
});
afterAll(() => server.close());

const LOST = {
  linkIncident: true,
  incidents: [{ code: "link.timeout", phase: "write", atMs: 12, detail: "no answer" }],
};

/** Units that were flashed by the end of the file. */
const VISITS = 16 * 3 + 13 + 3 + 3;

let made = 0;
/** A unit at each of the three stations, so often. */
async function rounds(count: number, change: Readonly<Record<string, unknown>>): Promise<void> {
  for (let round = 0; round < count; round += 1) {
    made += 1;
    const flashed = [bad, ...good].map((station, at) =>
      lineOf(server, station).flash(`SN${8000 + made * 4 + at}`, station === bad ? change : {}),
    );
    await Promise.all(flashed);
  }
}

/** The server's own follower leaves the work to the test for an hour. */
const holdServer = () =>
  db.sql.execute(
    "UPDATE verdict_progress SET worker = 'test', worked_at = now() + interval '1 hour'",
  );
const freeServer = () => db.sql.execute("UPDATE verdict_progress SET worker = NULL");

async function sealAll(): Promise<void> {
  const sealer = sealerRepository(db);
  while (await sealer.hasOpen()) await sealer.seal();
}

const shown = async () => {
  const { body } = await engineer("hosts", {});
  return body.hosts.find(({ name }) => name === "L3-07");
};
const becomes = (rung: string) =>
  expect.poll(async () => (await shown())?.rung, { timeout: 10_000 }).toBe(rung);

it("leads a host up the ladder, tells each step once, and keeps its evidence", async () => {
  await rounds(8, LOST);
  await becomes("SUSPECT");
  const host = await shown();
  expect(host).toMatchObject({
    verdict: "SUSPECT",
    sentence: { key: "odd", incidents: 8, units: 8, expected: 0 },
    blame: { level: "controller" },
    flagged: true,
  });
  expect(host?.evidence).toContain("8 of 8 units lost the link here since");
  await rounds(8, LOST);
  await becomes("QUARANTINE");
  // A proposal: nothing stops by itself.
  expect((await shown())?.hold).toBeUndefined();
  const { body } = await engineer("hostVerdicts", { params: { id: host?.id ?? "" } });
  const steps = body.history.filter(({ what }) => what === "step");
  expect(steps.map(({ from, to }) => `${from} ${to}`)).toEqual([
    "SUSPECT QUARANTINE",
    "OK SUSPECT",
  ]);
  expect(steps[1]?.evidence).toMatchObject({
    n: 8,
    y: 8,
    c: 0,
    left: 0,
    sentence: { key: "odd", incidents: 8, units: 8 },
    strata: [{ units: 8, incidents: 8 }],
    changes: [
      { to: "QUARANTINE", by: "r", at: 1e6 },
      { to: "OK", by: "d", at: 1000 },
    ],
  });
  expect(steps[1]?.evidence?.units).toHaveLength(8);
  expect(steps[0]?.evidence?.series).toHaveLength(2);
  expect(body.series.map(({ rung }) => rung)).toEqual(["SUSPECT", "QUARANTINE"]);
  expect(body.secondOpinion).toMatchObject({ observed: 16, units: 16, blocks: 2 });
  expect(body.secondOpinion?.p).toBeLessThan(1e-6);
  const events = await eventsOf(db.sql, "host.judged");
  expect(
    events.filter(({ subjectId }) => subjectId === host?.id).map(({ after }) => after),
  ).toEqual([{ verdict: "SUSPECT" }, { verdict: "QUARANTINE" }]);
  expect(events[0]).toMatchObject({
    before: { verdict: "OK" },
    who: "system server",
    plantId: server.seed.plantId,
    data: { step: steps[1]?.id },
  });
});

it("begins anew after a recorded repair, which the history tells", async () => {
  const id = (await shown())?.id ?? "";
  const reason = "cable was worn";
  const preview = (await engineer("previewHostRepair", { params: { id } })).body;
  expect(preview).toMatchObject({ rung: "QUARANTINE", after: { r: 500, d: 1 }, healed: 20 });
  const { status } = await engineer("repairHost", {
    params: { id },
    body: { what: "cable", reason },
  });
  expect(status).toBe(201);
  await expect.poll(async () => (await shown())?.repaired, { timeout: 10_000 }).toBe(true);
  expect(await shown()).toMatchObject({
    rung: "QUARANTINE",
    r: 500,
    sentence: { key: "repaired" },
  });
  const { body } = await engineer("hostVerdicts", { params: { id } });
  expect(body.history[0]).toMatchObject({
    what: "repaired",
    name: "cable",
    by: "person test-engineer",
    reason,
  });
  const lead = await server.person("operator-lead");
  await expect(
    lead("repairHost", { params: { id }, body: { what: "cable", reason } }),
  ).rejects.toMatchObject({ refusal: { code: "auth.forbidden" } });
});

it("counts each result once, whatever ends the work on it, and a later try of a unit not at all", async () => {
  await holdServer();
  const before = await stateDigest(db.sql);
  await rounds(4, {});
  await lineOf(server, bad).flash("SN8998", LINK_FAILURE);
  const [other = bad] = good;
  await lineOf(server, other).flash("SN8998");
  await sealAll();
  const killed: Database = {
    ...db,
    transaction: (work) =>
      db.transaction(async (sql) => {
        await work(sql);
        return await Promise.reject(new Error("killed before the commit"));
      }),
  };
  await expect(follower(killed, "one").turn(false)).rejects.toThrow("killed");
  expect(await stateDigest(db.sql)).toBe(before);
  const two = follower(db, "two");
  const first = await two.turn(false);
  expect(first.visits).toBe(13);
  expect((await two.turn(false)).visits).toBe(0);
  await holdServer();
  // Another replica reads what this one wrote.
  await rounds(1, {});
  await sealAll();
  expect((await follower(db, "three").turn(false)).visits).toBe(3);
  expect((await two.turn(false)).visits).toBe(0);
});

it("is the same byte for byte when it is worked out anew, and tells nothing again", async () => {
  await holdServer();
  await sealAll();
  await follower(db, "one").turn(false);
  // What nobody has taken in yet is told as ever.
  await rounds(1, {});
  await sealAll();
  const told = (await eventsOf(db.sql, "host.judged")).length;
  const steps = await db.sql.query("SELECT * FROM verdict_step ORDER BY id");
  const before = await stateDigest(db.sql);
  expect(await rebuildVerdict(db)).toEqual({ visits: VISITS, same: true });
  expect(await stateDigest(db.sql)).not.toBe(before);
  expect(await eventsOf(db.sql, "host.judged")).toHaveLength(told);
  expect(await db.sql.query("SELECT * FROM verdict_step ORDER BY id")).toEqual(steps);
});

/** Past what keeps steps as they are. */
const asIfUnwritten = (text: string) =>
  db.transaction(async (sql) => {
    await sql.execute("SET LOCAL session_replication_role = replica");
    await sql.execute(text);
  });

it.each([
  ["by a method of before", "SET method = 1"],
  ["by a server that names no method", "SET turn = turn + 1"],
])("learns anew what was worked out %s, and tells nothing again", async (_, changed) => {
  await holdServer();
  await sealAll();
  await follower(db, "one").turn(false);
  const before = await stateDigest(db.sql);
  const told = (await eventsOf(db.sql, "host.judged")).length;
  const steps = await db.sql.query("SELECT * FROM verdict_step ORDER BY id");
  // As another method may have left it: other figures, and none of a stratum's boards.
  await db.sql.execute(`UPDATE verdict_progress ${changed}`);
  await db.sql.execute("DELETE FROM verdict_state WHERE kind = 'boards'");
  await asIfUnwritten("DELETE FROM verdict_step");
  const two = follower(db, "two");
  let turn = await two.turn(false);
  let visits = turn.visits;
  while (turn.more) {
    turn = await two.turn(false);
    visits += turn.visits;
  }
  expect(visits).toBe(VISITS);
  expect(await stateDigest(db.sql)).toBe(before);
  expect(await eventsOf(db.sql, "host.judged")).toHaveLength(told);
  // What was decided then stays as it was: steps that only this method would have taken are not among them.
  expect(await db.sql.query("SELECT * FROM verdict_step")).toEqual([]);
  for (const step of steps) await db.sql.query(INSERT_STEP, [JSON.stringify(step)]);
});
const INSERT_STEP =
  "INSERT INTO verdict_step SELECT * FROM jsonb_populate_record(NULL::verdict_step, $1::jsonb)";

/** The same results once more, an hour before and without an event: from before there was a ledger. */
async function copyAsOld(virtual: boolean): Promise<void> {
  const [row] = await db.sql.query<{ names: string }>(
    `SELECT string_agg(quote_ident(column_name), ', ') AS names FROM information_schema.columns
      WHERE table_name = 'attempt' AND column_name NOT IN ('id', 'received_at', 'first', 'virtual')`,
  );
  await db.sql.execute(
    `INSERT INTO attempt (id, received_at, first, virtual, ${row?.names}) SELECT gen_random_uuid(), received_at - interval '1 hour', false, ${virtual},
            ${row?.names} FROM attempt a WHERE EXISTS (SELECT FROM ledger l WHERE l.subject_id = a.id::text) ORDER BY received_at`,
  );
}
const populations = () =>
  db.sql.query<{ population: string; hosts: number }>(
    "SELECT population, count(*)::int AS hosts FROM verdict_state WHERE kind = 'host' GROUP BY 1 ORDER BY 1",
  );

it("begins with what came in before there was a ledger", async () => {
  await holdServer();
  await copyAsOld(false);
  // Those that the ledger tells are later tries now.
  expect((await rebuildVerdict(db)).visits).toBe(VISITS);
  expect(await db.sql.query("SELECT history_done AS done FROM verdict_progress")).toEqual([
    { done: true },
  ]);
  expect(await populations()).toEqual([{ population: server.seed.plantId, hosts: 3 }]);
});

it("tells a step of whatever is judged, by the name that people use", async () => {
  const { plantId, releaseId, workOrderId, workOrder, product, version } = server.seed;
  const since = { at: Date.now(), units: 40, incidents: 6, expected: 1.2, failed: [] };
  const common = { population: plantId, split: { n: 6, y: 3, m: 18, c: 0 }, r: 2e4, d: 1, since };
  const names = [
    ["controller", (await shown())?.id ?? ""],
    ["pc", bad.machine],
    ["model", "8086:a36d"],
    ["release", `${releaseId}/order ${workOrderId}`],
  ] as const;
  const lessons = names.map(([level, name]): NumberedLesson => {
    const known = { number: 9_000, compared: 40, blame: null, at: Date.now() };
    return { ...common, ...known, level, name, from: "OK", to: "WATCH" };
  });
  await db.transaction((sql) => addSteps(sql, lessons, true));
  const groups = await eventsOf(db.sql, "group.judged");
  expect(groups.map(({ subjectName }) => subjectName).toSorted()).toEqual([
    "model 8086:a36d",
    `pc ${bad.machine}`,
    `release ${product} ${version}, order ${workOrder}`,
  ]);
  expect((await eventsOf(db.sql, "host.judged")).at(-1)).toMatchObject({
    after: { verdict: "WATCH" },
  });
});

it("never compares virtual units with real ones", async () => {
  await copyAsOld(true);
  expect((await rebuildVerdict(db)).visits).toBe(2 * VISITS);
  const { plantId } = server.seed;
  expect(await populations()).toEqual([
    { population: plantId, hosts: 3 },
    { population: `${plantId} virtual`, hosts: 3 },
  ]);
  // A repair is one of the host, whatever its units are.
  const nodes = await db.sql.query<{ repaired: boolean }>(
    "SELECT (state -> 'standing' ->> 'isRepaired')::boolean AS repaired FROM verdict_state WHERE kind = 'node controller' AND name = $1",
    [(await shown())?.id],
  );
  expect(nodes).toEqual([{ repaired: true }, { repaired: true }]);
  await freeServer();
  expect(wrongOf(await eventsOf(db.sql))).toEqual([]);
});

it("watches a host where units are taken out oftener than elsewhere, and blames it for nothing", async () => {
  const stations = [
    await server.addStation("L4-01", 1),
    await server.addStation("L4-02", 1),
    await server.addStation("L4-03", 1),
  ];
  const takenOut = {
    incidents: [{ code: "attempt.unplugged", phase: "write", atMs: 900, detail: "empty" }],
  };
  for (let round = 0; round < 9; round += 1) {
    const flashed = stations.map((station, at) =>
      lineOf(server, station).flash(`SN${9200 + round * 4 + at}`, at === 0 ? takenOut : {}),
    );
    await Promise.all(flashed);
  }
  const host = async () => {
    const { body } = await engineer("hosts", {});
    return body.hosts.find(({ name }) => name === "L4-01");
  };
  await expect.poll(async () => (await host())?.rung, { timeout: 10_000 }).toBe("WATCH");
  const watched = await host();
  expect(watched).toMatchObject({ verdict: "WATCH", sentence: { key: "takenOut" }, blame: null });
  expect(watched?.evidence).toContain("units were taken out in mid-work here");
  const { body } = await engineer("hostVerdicts", { params: { id: watched?.id ?? "" } });
  const [step, ...more] = body.history.filter(({ level }) => level === "controller");
  expect(more).toEqual([]);
  expect(step).toMatchObject({ from: "OK", to: "WATCH", evidence: { changes: [] } });
  expect(step?.evidence?.units.length).toBeGreaterThan(0);
  const told = (await eventsOf(db.sql, "host.judged")).filter(
    ({ subjectId }) => subjectId === watched?.id,
  );
  expect(told.map(({ after }) => after)).toEqual([{ verdict: "WATCH" }]);
  await holdServer();
  await sealAll();
  expect(await rebuildVerdict(db)).toMatchObject({ same: true });
  await freeServer();
});
