import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { newId } from "../ids.ts";
import { offerRepository } from "../jobs/offer.repository.ts";
import { codeOf, LINK_FAILURE, lineOf, resultOf, stateOf } from "../jobs/testing.ts";
import { eventsOf } from "../testing/events.ts";
import { type Publishing, startPublishing } from "../testing/publishing.ts";
import { refusal } from "../testing/refusal.ts";
import type { SeededStation } from "../testing/seed.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import { untilWaiting } from "../testing/waiting.ts";
import { type Block, NO_EVIDENCE, withBlock } from "./evidence.ts";

let on: Publishing;
let server: TestServer;
let replica: TestServer;
let engineer: TestClient;
beforeAll(async () => {
  on = await startPublishing();
  server = on.server;
  replica = await startTestServer({ replicaOf: server });
  engineer = await server.person("engineer");
});
afterAll(async () => {
  await replica.close();
  await server.close();
});

const BAD_IMAGE = { outcome: "FAIL", code: "image.does_not_fit", blame: "image", touched: false };
let serials = 600_000;
const nextSerial = (): string => {
  serials += 1;
  return `SN${serials}`;
};
let stations = 0;
/** A new station on an order of its own that names the seeded release. */
async function newStation(nests = 1): Promise<SeededStation> {
  stations += 1;
  return await server.addStation(`K-${stations}`, nests);
}
async function draft(change = {}): Promise<{ id: string; version: string }> {
  const { body } = await on.publish(change);
  await on.checked(body.id);
  return body;
}
const begin = (
  id: string,
  at: readonly SeededStation[],
  units: number,
  more: { predecessor?: string } = {},
) =>
  engineer("startCanary", {
    params: { id },
    body: { stations: at.map(({ name }) => name), units, reason: "first units", ...more },
  });
const over = (id: string) =>
  engineer("revoke", { params: { id }, body: { reason: "test is over" } });
/** Ends what a test has left, so that the next one can have a canary. */
afterEach(async () => {
  const { body } = await engineer("releases", {});
  for (const { id, state } of body) if (state === "canary" || state === "paused") await over(id);
});
/** The version that a scan would be flashed with at the station, or the code of its refusal. */
async function versionAt(station: SeededStation, from: TestServer = server): Promise<string> {
  const scan = { serial: nextSerial(), nest: "A" };
  const { body } = await from.station(station)("preflight", { body: scan });
  return body.go ? body.version : body.code;
}
const view = async (id: string) => (await engineer("release", { params: { id } })).body;

test("only its stations and first units get a canary; all others, and all once it is full, get what their order names", async () => {
  const [at, other] = [await newStation(), await newStation()];
  const { id, version } = await draft();
  const { body } = await begin(id, [at], 2);
  expect(body).toMatchObject({
    state: "canary",
    canary: { predecessor: "1.0.0", stations: [at.name], units: 2, used: 0, reason: "first units" },
  });
  expect(await versionAt(at, replica)).toBe(version);
  expect(await versionAt(other, replica)).toBe("1.0.0");
  const line = lineOf(server, at);
  const first = nextSerial();
  expect((await line.flash(first, BAD_IMAGE)).job.version).toBe(version);
  expect((await line.flash(nextSerial())).job.version).toBe(version);
  expect(await versionAt(at)).toBe("1.0.0");
  expect((await line.flash(nextSerial())).job.version).toBe("1.0.0");
  // A unit that has its place gets it again.
  expect((await line.flash(first)).job.version).toBe(version);
  expect(await view(id)).toMatchObject({ canary: { used: 2 }, passed: 2 });
  expect((await engineer("workOrder", { params: { id: "WO-1" } })).body.version).toBe("1.0.0");
});

test("a canary of three units has three, however many stations start at once on two replicas", async () => {
  const at = await Promise.all(Array.from({ length: 8 }, () => newStation()));
  const { id, version } = await draft();
  await begin(id, at, 3);
  const jobs = await Promise.all(
    at.map((station, i) => lineOf(i % 2 === 0 ? server : replica, station).order(nextSerial())),
  );
  const leased = await Promise.all(at.map((station) => lineOf(server, station).acquire("A")));
  const versions = leased.map((job) => job?.version);
  expect(versions.filter((each) => each === version)).toHaveLength(3);
  expect(versions.filter((each) => each === "1.0.0")).toHaveLength(5);
  expect(new Set(leased.map((job) => job?.jobId))).toEqual(new Set(jobs));
  expect(await view(id)).toMatchObject({ canary: { used: 3, units: 3 } });
});

test("a paused canary goes to no unit: what was not started is refused, what runs comes to its end", async () => {
  const at = await newStation(2);
  const { id, version } = await draft();
  await begin(id, [at], 10);
  const line = lineOf(server, at);
  const running = await line.start(await line.lease(nextSerial(), "A"));
  const leased = await line.lease(nextSerial(), "B");
  expect([running.job.version, leased.version]).toEqual([version, version]);
  const lead = await server.person("operator-lead");
  const paused = await lead("pauseCanary", {
    params: { id },
    body: { reason: "fan runs backwards" },
  });
  expect(paused.body).toMatchObject({
    state: "paused",
    canary: { pausedBy: "test-operator-lead", pausedOrigin: "person" },
  });
  const onReplica = lineOf(replica, at);
  expect(await codeOf(onReplica.start(leased))).toBe("release.canary_paused");
  const about = { code: "release.canary_paused", message: "as the server said" };
  const body = { epoch: leased.epoch, ...about };
  await line.call("cancelJob", { params: { id: leased.jobId }, body });
  expect((await onReplica.flash(nextSerial(), {}, "B")).job.version).toBe("1.0.0");
  expect((await line.report(running, resultOf(running))).status).toBe(201);
  expect(await stateOf(server, running.job.jobId)).toBe("PASSED");
  // The place of the unit that was not started is free again; the one that was flashed keeps its own.
  expect(await refusal(on.ci("promote", { params: { id } }))).toBe("409 release.paused");
  const reason = "it was the fan of the fixture";
  const more = { params: { id }, body: { units: 12, reason } };
  expect((await engineer("resumeCanary", more)).body).toMatchObject({
    state: "canary",
    canary: { units: 12, pausedAt: null, pausedReason: null },
  });
  await expect.poll(async () => (await view(id)).canary?.used, { timeout: 5_000 }).toBe(1);
  expect(await versionAt(at, replica)).toBe(version);
  const told = (await eventsOf(server.platform.db.sql, "release.canary-%")).slice(-3);
  expect(told).toMatchObject([
    { kind: "release.canary-started", reason: "first units", after: { state: "canary" } },
    { kind: "release.canary-paused", who: "person test-operator-lead", data: { used: 2 } },
    { kind: "release.canary-resumed", reason, before: { units: 10 }, after: { units: 12 } },
  ]);
});

test("a job that waits for its offer when the canary is paused is called off, not offered", async () => {
  const at = await newStation();
  const { id } = await draft();
  await begin(id, [at], 10);
  const jobId = newId();
  const nest = at.nests[0]?.id;
  const { sql } = server.platform.db;
  // As it is between its order and its offer: nothing in the outbox, so that no worker is faster.
  await sql.execute(
    `WITH u AS (INSERT INTO unit (id, product_id, serial) VALUES ($2, $3, $4) RETURNING id)
     INSERT INTO job (id, unit_id, station_id, nest_id, work_order_id, release_id, step_id, state, deadline)
     SELECT $1, u.id, $5, $6, $7, $8, $9, 'QUEUED', now() + interval '1 hour' FROM u`,
    [
      ...[jobId, newId(), server.seed.productId, nextSerial(), at.id, nest],
      ...[server.seed.workOrderId, id, server.seed.stepId],
    ],
  );
  await engineer("pauseCanary", { params: { id }, body: { reason: "looks wrong" } });
  const offers = offerRepository(server.platform.db);
  expect(await offers.offer([{ jobId }])).toEqual([]);
  expect(await offers.facts(jobId)).toMatchObject({ release: { state: "paused" } });
  await sql.execute("UPDATE job SET deadline = now() WHERE id = $1", [jobId]);
  await expect.poll(() => stateOf(server, jobId), { timeout: 15_000 }).toBe("CANCELLED");
});

test("failures by the image pause a canary within two seconds, with its evidence; its predecessor's earlier units are the yardstick", async () => {
  const at = await newStation();
  const beside = await Promise.all([1, 2, 3, 4].map(() => newStation()));
  await Promise.all(
    beside.map(async (station) => {
      for (let i = 0; i < 10; i += 1) await lineOf(server, station).flash(nextSerial());
    }),
  );
  const { id, version } = await draft();
  await begin(id, [at], 50);
  const line = lineOf(server, at);
  // What a host, an operator or the unit itself spoils is not the image's fault.
  await line.flash(nextSerial(), LINK_FAILURE);
  await line.flash(nextSerial(), { outcome: "FAIL", code: "protection.read", blame: "unit" });
  const unit = nextSerial();
  for (let i = 0; i < 3; i += 1) await line.flash(unit, BAD_IMAGE);
  const evidenceNow = async () => (await view(id)).canary?.evidence;
  await expect.poll(evidenceNow, { timeout: 5_000 }).toMatchObject({ units: 2, failed: 1 });
  expect((await view(id)).state).toBe("canary");
  let paused = await view(id);
  for (let i = 0; i < 6 && paused.state === "canary"; i += 1) {
    await line.flash(nextSerial(), BAD_IMAGE);
    const asked = performance.now();
    while (paused.state === "canary" && performance.now() - asked < 2_000) paused = await view(id);
  }
  expect(paused).toMatchObject({ state: "paused", canary: { pausedOrigin: "guard" } });
  const { evidence, pausedReason } = paused.canary ?? expect.fail("it was a canary");
  expect(evidence.value).toBeGreaterThanOrEqual(evidence.pauseAt);
  // A unit that failed three times counts once. The unit with the link incident does not count.
  expect(evidence.units).toBe(evidence.failed + 1);
  expect(evidence.predecessorUnits).toBeGreaterThanOrEqual(24);
  expect(pausedReason).toContain("units failed by the image's fault");
  expect(await versionAt(at, replica)).toBe("1.0.0");
  const [event] = (await eventsOf(server.platform.db.sql, "release.canary-paused")).slice(-1);
  expect(event).toMatchObject({
    who: "system server",
    operation: "canary",
    subjectName: `PSU-40 ${version}`,
    reason: pausedReason,
    data: { origin: "guard", predecessor: "1.0.0", evidence: { failed: evidence.failed } },
  });
  // It goes on when a person says so, and is judged anew.
  const body = { reason: "wrong images at the fixture" };
  const resumed = await engineer("resumeCanary", { params: { id }, body });
  expect(resumed.body.canary?.evidence).toMatchObject({ units: 0, failed: 0, value: 1 });
  await line.flash(nextSerial());
  await expect.poll(async () => (await evidenceNow())?.units, { timeout: 5_000 }).toBe(1);
  expect((await view(id)).state).toBe("canary");
});

test("a canary that does well is promoted, and the orders that name its predecessor follow where that is asked", async () => {
  const at = await newStation();
  const { id, version } = await draft();
  await begin(id, [at], 5);
  await lineOf(server, at).flash(nextSerial());
  const add = (number: string, of: string) =>
    engineer("addWorkOrder", { body: { number, product: "PSU-40", version: of, quantity: 5 } });
  await add("K-O1", "1.0.0");
  // A canary is no release that an order may name.
  expect(await refusal(add("K-O2", version))).toBe("409 release.not_released");
  const query = { moveOrders: "true", reason: "five units are fine" } as const;
  const { body } = await on.ci("promote", { params: { id }, query });
  expect(body).toMatchObject({ state: "released", canary: { used: 1 } });
  const order = (await engineer("workOrder", { params: { id: "K-O1" } })).body;
  expect(order).toMatchObject({ version, releaseState: "released" });
  expect(await versionAt(await newStation())).toBe(version);
  const events = await eventsOf(server.platform.db.sql, "%");
  expect(events.filter(({ kind }) => kind === "release.released").at(-1)).toMatchObject({
    before: { state: "canary" },
    after: { state: "released" },
    reason: query.reason,
  });
  expect(
    events.filter(
      ({ kind, after }) => kind === "order.release-changed" && isVersion(after, version),
    ),
  ).toMatchObject([{ reason: query.reason }, { reason: query.reason }]);
  for (const number of ["WO-1", "K-O1"]) {
    const back = { version: "1.0.0", reason: "as before" };
    await engineer("setOrderRelease", { params: { id: number }, body: back });
  }
  // The next canaries stand in for 1.0.0 again.
  await over(id);
});

const isVersion = (after: unknown, version: string): boolean =>
  typeof after === "object" && after !== null && "version" in after && after.version === version;

test("what cannot be a canary is refused, with what is in the way", async () => {
  const at = await newStation();
  const { id } = await draft();
  const nowhere = { stations: ["K-none"], units: 1, reason: "first units" };
  expect(await refusal(engineer("startCanary", { params: { id }, body: nowhere }))).toBe(
    "400 request.invalid",
  );
  expect(await refusal(begin(id, [at], 1, { predecessor: "9.9.9" }))).toBe(
    "409 release.no_predecessor",
  );
  const lead = await server.person("operator-lead");
  const body = { stations: [at.name], units: 1, reason: "first units" };
  expect(await refusal(lead("startCanary", { params: { id }, body }))).toBe("403 auth.forbidden");
  await begin(id, [at], 4);
  expect((await begin(id, [at], 4)).body.state).toBe("canary");
  expect(await refusal(begin(id, [at], 5))).toBe("409 request.conflict");
  const second = await draft();
  expect(await refusal(begin(second.id, [at], 1))).toBe("409 release.canary_other");
  const pause = { params: { id: second.id }, body: { reason: "no such thing" } };
  expect(await refusal(engineer("pauseCanary", pause))).toBe("404 request.not_found");
  const fewer = { params: { id }, body: { units: 1, reason: "fewer are enough" } };
  await lineOf(server, at).flash(nextSerial());
  await lineOf(server, at).flash(nextSerial());
  expect(await refusal(engineer("resumeCanary", fewer))).toBe("400 request.invalid");
  await over(id);
  expect(await refusal(engineer("resumeCanary", fewer))).toBe("409 request.conflict");
});

test("twenty requests at once begin one canary", async () => {
  const at = await newStation();
  const { id } = await draft();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => refusal(begin(id, [at], 2)).catch(() => "done")),
  );
  expect(answers.filter((answer) => answer.startsWith("5"))).toEqual([]);
  const started = await eventsOf(server.platform.db.sql, "release.canary-started");
  expect(started.filter(({ subjectId }) => subjectId === id)).toHaveLength(1);
});

test("a canary for other boards, or beside a revoked predecessor, stands in for nothing", async () => {
  const at = await newStation();
  const { id } = await draft({ boardRevisions: [] });
  await begin(id, [at], 5);
  const { sql } = server.platform.db;
  await sql.execute("UPDATE release SET board_revisions = ARRAY['C'] WHERE id = $1", [id]);
  expect(await versionAt(at)).toBe("1.0.0");
  await sql.execute("UPDATE release SET board_revisions = '{}' WHERE id = $1", [id]);
  expect(await versionAt(at)).not.toBe("1.0.0");
  await sql.execute("UPDATE release SET state = 'revoked' WHERE version = '1.0.0'");
  expect(await versionAt(at)).toBe("release.revoked");
  await sql.execute("UPDATE release SET state = 'released' WHERE version = '1.0.0'");
});

test("who waited for a canary's lock decides by what is true then: a revocation is followed by no pause", async () => {
  const at = await newStation();
  const { id } = await draft();
  await begin(id, [at], 5);
  const { db } = server.platform;
  let waiting: readonly Promise<string>[] = [];
  await db.transaction(async (tx) => {
    await tx.execute("SELECT FROM canary WHERE release_id = $1 FOR NO KEY UPDATE", [id]);
    const body = { reason: "looks wrong" };
    waiting = [
      refusal(engineer("pauseCanary", { params: { id }, body })),
      refusal(engineer("resumeCanary", { params: { id }, body: { ...body, units: 9 } })),
    ];
    await untilWaiting(tx, 2);
    await tx.execute("UPDATE release SET state = 'revoked' WHERE id = $1", [id]);
  });
  expect(await Promise.all(waiting)).toEqual(["409 request.conflict", "409 request.conflict"]);
  const events = await eventsOf(db.sql, "release.canary-%");
  expect(events.filter(({ subjectId }) => subjectId === id).map(({ kind }) => kind)).toEqual([
    "release.canary-started",
  ]);
  expect((await view(id)).canary?.units).toBe(5);
});

test("a job that was decided before the canary went to other stations is not made there", async () => {
  const [at, other] = [await newStation(), await newStation()];
  const { id, version } = await draft();
  await begin(id, [at], 5);
  const more = { stations: [other.name], reason: "the other line is free" };
  await engineer("resumeCanary", { params: { id }, body: more });
  const made = server.platform.db.sql.execute(
    `WITH u AS (INSERT INTO unit (id, product_id, serial) VALUES ($2, $3, $4) RETURNING id)
     INSERT INTO job (id, unit_id, station_id, nest_id, work_order_id, release_id, step_id, state, deadline)
     SELECT $1, u.id, $5, $6, $7, $8, $9, 'QUEUED', now() + interval '1 hour' FROM u`,
    [
      ...[newId(), newId(), server.seed.productId, nextSerial(), at.id, at.nests[0]?.id],
      ...[server.seed.workOrderId, id, server.seed.stepId],
    ],
  );
  await expect(made).rejects.toMatchObject({ constraint: "canary_changed" });
  expect([await versionAt(at, replica), await versionAt(other, replica)]).toEqual([
    "1.0.0",
    version,
  ]);
  expect(await view(id)).toMatchObject({ canary: { used: 0 } });
});

test("a canary that nobody ends keeps the latest units of its predecessor, not all of them", async () => {
  const at = await newStation();
  const { id } = await draft();
  await begin(id, [at], 5);
  const { sql } = server.platform.db;
  await sql.execute(
    `INSERT INTO canary_trial (release_id, unit_id, attempt_id, is_canary, failed, at)
     SELECT $1, gen_random_uuid(), gen_random_uuid(), false, false, now() - n * interval '1 minute' FROM generate_series(1, 5000) n`,
    [id],
  );
  const kept = `SELECT count(*)::int AS n, min(at) > now() - interval '2010 minutes' AS latest FROM canary_trial WHERE release_id = $1 AND NOT is_canary`;
  const asked = async () => (await sql.query<{ n: number; latest: boolean }>(kept, [id]))[0];
  await expect.poll(asked, { timeout: 10_000 }).toEqual({ n: 2001, latest: true });
});

test("servers that die while they judge a canary lose no unit of it and count none twice", async () => {
  const [at, ...beside] = [await newStation(), await newStation(), await newStation()];
  const quantity = { quantity: 300, reason: "more than all tests before need" };
  await engineer("setOrderQuantity", { params: { id: "WO-1" }, body: quantity });
  const { id, version } = await draft();
  await begin(id, [at], 8);
  const { sql } = server.platform.db;
  // What PostgreSQL sees of a server that is killed: the connection that judges is gone, wherever it was.
  const kill = `SELECT count(pg_terminate_backend(pid))::int AS n FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND query LIKE '%canary_trial%'`;
  let [killed, over] = [0, false];
  const killing = (async () => {
    while (!over) killed += (await sql.query<{ n: number }>(kill))[0]?.n ?? 0;
  })();
  const flash = async (station: SeededStation, units: number) => {
    for (let i = 0; i < units; i += 1) {
      await lineOf(server, station).flash(nextSerial(), i === 3 ? BAD_IMAGE : {});
    }
  };
  const all = [flash(at, 8), ...beside.map((one) => flash(one, 20))];
  try {
    await Promise.all(all);
  } finally {
    over = true;
    await killing;
  }
  await expect
    .poll(async () => (await view(id)).canary?.evidence.units, { timeout: 10_000 })
    .toBe(8);
  const [kept] = await sql.query<Readonly<Record<string, number | number[]>>>(
    `SELECT c.used, c.blocks, c.units_judged AS units, c.units_failed AS failed, c.others_judged AS others, c.evidence AS values,
            (SELECT count(*)::int FROM canary_unit u WHERE u.release_id = c.release_id) AS places,
            (SELECT count(*)::int FROM attempt a WHERE a.release_id = c.release_id AND a.first) AS tries
       FROM canary c WHERE c.release_id = $1`,
    [id],
  );
  const blocks = await sql.query<Omit<Block, "beside"> & { block: number }>(
    `SELECT block, count(*) FILTER (WHERE is_canary)::int AS units, count(*) FILTER (WHERE is_canary AND failed)::int AS failed,
            count(*) FILTER (WHERE NOT is_canary)::int AS others, count(*) FILTER (WHERE NOT is_canary AND failed)::int AS "othersFailed"
       FROM canary_trial WHERE release_id = $1 AND block > 0 GROUP BY block ORDER BY block`,
    [id],
  );
  expect(blocks.map(({ block }) => block)).toEqual(blocks.map((_, index) => index + 1));
  const again = blocks.reduce((sum, one) => withBlock(sum, { ...one, beside: 0 }), NO_EVIDENCE);
  expect(kept).toMatchObject({
    used: 8,
    places: 8,
    tries: 8,
    units: 8,
    failed: 1,
    blocks: again.blocks,
    others: again.others,
  });
  expect(kept?.["values"]).toEqual(again.values.map((value) => expect.closeTo(value, 6)));
  expect([killed > 0, await versionAt(at)]).toEqual([true, "1.0.0"]);
  expect((await view(id)).version).toBe(version);
});
