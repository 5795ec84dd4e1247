import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "../ids.ts";
import { codeOf, LINK_FAILURE, lineOf, resultOf, stateOf } from "../jobs/testing.ts";
import { eventsOf } from "../testing/events.ts";
import { type Publishing, startPublishing } from "../testing/publishing.ts";
import { refusal } from "../testing/refusal.ts";
import { type SeededStation, seedStation } from "../testing/seed.ts";
import type { TestClient, TestServer } from "../testing/server.ts";
import { untilWaiting } from "../testing/waiting.ts";

let on: Publishing;
let server: TestServer;
let engineer: TestClient;
beforeAll(async () => {
  on = await startPublishing();
  server = on.server;
  engineer = await server.person("engineer");
});
afterAll(() => server.close());

let serials = 700_000;
const nextSerial = (): string => {
  serials += 1;
  return `SN${serials}`;
};
let names = 0;
const nextName = (): string => {
  names += 1;
  return `R-${names}`;
};
/** A station without an order. */
const newStation = (nests = 1): Promise<SeededStation> =>
  seedStation(server.platform, server.seed.lineId, nextName(), nests, null);
async function draft(change = {}): Promise<{ id: string; version: string }> {
  const { body } = await on.publish(change);
  await on.checked(body.id);
  return body;
}
async function released(): Promise<{ id: string; version: string }> {
  const made = await draft();
  await on.ci("promote", { params: { id: made.id } });
  return made;
}
/** An order of its own for the release, at these stations; answers with its number. */
async function order(version: string, quantity: number, at: readonly SeededStation[]) {
  const number = `O-${nextName()}`;
  const stations = at.map(({ name }) => name);
  await engineer("addWorkOrder", {
    body: { number, product: "PSU-40", version, quantity, stations },
  });
  return number;
}
const withdraw = (id: string, by: TestClient = on.ci) =>
  by("withdrawRelease", { params: { id }, body: { reason: "built from the wrong branch" } });
const dryRun = async (id: string, query = {}) =>
  (await engineer("releaseDryRun", { params: { id }, query })).body;
const radius = async (id: string) => (await engineer("releaseRadius", { params: { id } })).body;
const revoke = (id: string) =>
  engineer("revoke", { params: { id }, body: { reason: "wrong bootloader offset" } });
const begin = (id: string, at: SeededStation, units: number) =>
  engineer("startCanary", {
    params: { id },
    body: { stations: [at.name], units, reason: "first units" },
  });
async function versionAt(station: SeededStation): Promise<string> {
  const { body } = await server.station(station)("preflight", {
    body: { serial: nextSerial(), nest: "A" },
  });
  return body.go ? body.version : body.code;
}
/** Everything that a question must leave as it is. */
async function plantNow() {
  const { sql } = server.platform.db;
  // What the server does by itself, such as raising an alarm, is nobody's question.
  const count = (await eventsOf(sql)).filter(({ who }) => who !== "system server").length;
  const rows = await sql.query(
    `SELECT (SELECT json_agg(r ORDER BY id) FROM (SELECT id, state FROM release) r) AS releases,
            (SELECT json_agg(w ORDER BY id) FROM (SELECT id, release_id, quantity, used FROM work_order) w) AS orders,
            (SELECT json_agg(j ORDER BY id) FROM (SELECT id, state FROM job) j) AS jobs`,
  );
  return { count, rows };
}
test("a draft is taken back with its reason; its version, its counter and its bytes are free again", async () => {
  const request = on.signed();
  const { body: first } = await on.ci("publish", { body: request });
  await on.checked(first.id);
  expect((await withdraw(first.id)).status).toBe(204);
  expect(await refusal(engineer("release", { params: { id: first.id } }))).toBe(
    "404 request.not_found",
  );
  const { version, counter, manifestSha256 } = first;
  const events = await eventsOf(server.platform.db.sql, "release.%");
  expect(events.filter(({ subjectId }) => subjectId === first.id).at(-1)).toMatchObject({
    kind: "release.withdrawn",
    operation: "withdrawRelease",
    subjectName: `PSU-40 ${version}`,
    reason: "built from the wrong branch",
    data: { product: "PSU-40", version, counter, manifestSha256 },
  });
  expect(await refusal(withdraw(first.id))).toBe("404 request.not_found");
  const again = await on.ci("publish", { body: request });
  expect([again.status, again.body.id === first.id]).toEqual([201, false]);
  expect((await on.checked(again.body.id)).check).toBe("passed");
});

test("what units may have is not withdrawn: it stays as it is, and the ledger has nothing of it", async () => {
  const at = await newStation();
  await order("1.0.0", 5, [at]);
  const { id } = await draft();
  const lead = await server.person("operator-lead");
  expect(await refusal(withdraw(id, lead))).toBe("403 auth.forbidden");
  await begin(id, at, 1);
  expect(await refusal(withdraw(id))).toBe("409 release.not_draft");
  await on.ci("promote", { params: { id } });
  expect(await refusal(withdraw(id))).toBe("409 release.not_draft");
  await revoke(id);
  expect(await refusal(withdraw(id))).toBe("409 release.not_draft");
  expect((await engineer("release", { params: { id } })).body).toMatchObject({
    state: "revoked",
    images: [{ size: 4096 }],
  });
  const events = await eventsOf(server.platform.db.sql, "release.withdrawn");
  expect(events.filter(({ subjectId }) => subjectId === id)).toEqual([]);
});

test("a draft that is withdrawn and made a canary at once is one of both", async () => {
  const at = await newStation();
  await order("1.0.0", 5, [at]);
  const outcomes = await Promise.all(
    [await draft(), await draft(), await draft()].map(async ({ id }) => {
      const [gone, canary] = await Promise.all([refusal(withdraw(id)), refusal(begin(id, at, 1))]);
      const state = await engineer("release", { params: { id } }).then(
        ({ body }) => body.state,
        () => "gone",
      );
      return { gone, canary, state };
    }),
  );
  for (const { gone, canary, state } of outcomes) {
    if (gone === "answered") {
      // One of the other drafts may be the canary by then.
      expect(["404 request.not_found", "409 release.canary_other"]).toContain(canary);
      expect(state).toBe("gone");
    } else expect([gone, canary, state]).toEqual(["409 release.not_draft", "answered", "canary"]);
  }
  for (const { id, state } of (await engineer("releases", {})).body) {
    if (state === "canary") await revoke(id);
  }
});

test("a promotion reaches what its dry run named, and the dry run changed nothing", async () => {
  const [one, two] = [await newStation(), await newStation()];
  const before = await released();
  const [follows, far] = [
    await order(before.version, 7, [one, two]),
    await order("1.0.0", 9, [two]),
  ];
  await lineOf(server, one).flash(nextSerial());
  const { id, version } = await draft();
  const now = await plantNow();
  const run = await dryRun(id);
  expect(await plantNow()).toEqual(now);
  expect(run).toMatchObject({
    product: "PSU-40",
    version,
    state: "draft",
    predecessor: before.version,
    refusal: null,
    canary: null,
    promotion: { orders: 1, stations: [one.name, two.name].toSorted(), units: 6 },
  });
  const told = new Map(run.orders.map((each) => [each.number, each]));
  expect(told.get(follows)).toMatchObject({ reached: "follows", left: 6, otherBoards: 0 });
  expect(told.get(far)).toMatchObject({ reached: "no", version: "1.0.0", left: 9 });
  await on.ci("promote", {
    params: { id },
    query: { moveOrders: "true", reason: "as the dry run said" },
  });
  for (const { number, reached } of run.orders) {
    const { body } = await engineer("workOrder", { params: { id: number } });
    expect([number, body.version === version]).toEqual([number, reached === "follows"]);
  }
  expect(await versionAt(one)).toBe(version);
  expect((await dryRun(id)).orders.find((each) => each.number === follows)?.reached).toBe("names");
});

test("an order to which a person gives another release meanwhile keeps it in a promotion that moves orders", async () => {
  const at = await newStation();
  const before = await released();
  const number = await order(before.version, 7, [at]);
  const { id } = await draft();
  const { db } = server.platform;
  let promoted: Promise<string> | undefined;
  await db.transaction(async (tx) => {
    await tx.execute("UPDATE work_order SET release_id = $2 WHERE number = $1", [
      number,
      server.seed.releaseId,
    ]);
    promoted = refusal(on.ci("promote", { params: { id }, query: { moveOrders: "true" } }));
    await untilWaiting(tx, 1);
  });
  expect(await promoted).toBe("answered");
  expect((await engineer("workOrder", { params: { id: number } })).body.version).toBe("1.0.0");
  const events = await eventsOf(db.sql, "order.release-changed");
  expect(events.filter(({ subjectName }) => subjectName === number)).toEqual([]);
});

test("the dry run of a canary names its orders, stations and units, and what is in its way", async () => {
  const [at, idle] = [await newStation(), await newStation()];
  const { version: predecessor } = await released();
  const number = await order(predecessor, 5, [at]);
  const { id, version } = await draft();
  const stations = `${at.name}, ${idle.name}`;
  const run = await dryRun(id, { stations, units: "50" });
  expect(run).toMatchObject({
    version,
    predecessor,
    refusal: null,
    canary: { orders: 1, stations: [at.name], units: 5, idle: [idle.name] },
  });
  expect(run.orders.find((each) => each.number === number)?.canaryAt).toEqual([at.name]);
  expect((await dryRun(id, { stations, units: "3" })).canary?.units).toBe(3);
  const unknown = { params: { id }, query: { stations: `${at.name},R-none` } };
  expect(await refusal(engineer("releaseDryRun", unknown))).toBe("400 request.invalid");
  expect((await dryRun(id, { stations, predecessor: "9.9.9" })).refusal?.code).toBe(
    "release.no_predecessor",
  );
  const other = await draft();
  await begin(other.id, at, 1);
  expect((await dryRun(id, { stations })).refusal?.code).toBe("release.canary_other");
  expect((await dryRun(id)).refusal).toBeNull();
  expect((await dryRun(other.id, { stations })).refusal?.code).toBe("request.conflict");
  await engineer("pauseCanary", { params: { id: other.id }, body: { reason: "looks wrong" } });
  expect((await dryRun(other.id)).refusal?.code).toBe("release.paused");
  await revoke(other.id);
  expect((await dryRun(other.id)).refusal?.code).toBe("release.revoked");
});

test("a dry run counts the units of an order's list for whose boards the release is not", async () => {
  const before = await released();
  const number = await order(before.version, 5, []);
  const { id } = await draft();
  const { sql } = server.platform.db;
  await sql.execute("UPDATE release SET board_revisions = ARRAY['C', 'D'] WHERE id = $1", [id]);
  for (const board of ["B", "C", null]) {
    await sql.execute(
      `INSERT INTO unit (id, product_id, serial, board_revision, work_order_id)
       SELECT $1, $2, $3, $4, id FROM work_order WHERE number = $5`,
      [newId(), server.seed.productId, nextSerial(), board, number],
    );
  }
  const { orders } = await dryRun(id);
  expect(orders.find((each) => each.number === number)?.otherBoards).toBe(2);
});

test("a revocation hits what was said before", async () => {
  const [goes, stands] = [await newStation(4), await newStation()];
  const { id, version } = await released();
  const number = await order(version, 20, [goes, stands]);
  const next = await order("1.0.0", 20, [goes]);
  const line = lineOf(server, goes);
  for (let i = 0; i < 2; i += 1) await line.flash(nextSerial());
  await line.flash(nextSerial(), LINK_FAILURE);
  const lost = await line.start(await line.lease(nextSerial(), "B"));
  const { sql } = server.platform.db;
  await sql.execute("UPDATE job SET state = 'UNKNOWN', deadline = NULL WHERE id = $1", [
    lost.job.jobId,
  ]);
  const [inWork, waits] = [nextSerial(), nextSerial()];
  const running = await line.start(await line.lease(inWork, "C"));
  const leased = await line.lease(waits, "D");
  const now = await plantNow();
  const hit = await radius(id);
  expect(await plantNow()).toEqual(now);
  expect(hit).toEqual({
    product: "PSU-40",
    version,
    state: "released",
    passed: 2,
    failed: 1,
    unknown: 1,
    channels: [],
    grants: [],
    finishing: [{ station: goes.name, nest: "C", serial: inWork }],
    calledOff: [{ station: goes.name, nest: "D", serial: waits }],
    // Passed, lost, running and leased are used.
    orders: [{ number, left: 15, stations: [goes.name, stands.name].toSorted() }],
    stations: [
      { station: goes.name, next },
      { station: stands.name, next: null },
    ].toSorted((a, b) => a.station.localeCompare(b.station)),
    canaries: [],
    instead: null,
  });
  await revoke(id);
  expect(await codeOf(line.start(leased))).toBe("release.revoked");
  expect((await line.report(running, resultOf(running))).status).toBe(201);
  expect(await stateOf(server, running.job.jobId)).toBe("PASSED");
  expect(await versionAt(stands)).toBe("release.revoked");
  const lead = await server.person("operator-lead");
  expect(await refusal(lead("releaseRadius", { params: { id: newId() } }))).toBe(
    "404 request.not_found",
  );
});

test("a revocation of a canary leaves its stations what their order names; of its predecessor, nothing", async () => {
  const at = await newStation();
  const before = await released();
  const number = await order(before.version, 20, [at]);
  const { id, version } = await draft();
  await begin(id, at, 5);
  expect(await versionAt(at)).toBe(version);
  expect(await radius(before.id)).toMatchObject({
    orders: [{ number, left: 20 }],
    canaries: [version],
    instead: null,
    stations: [{ station: at.name, next: null }],
  });
  expect(await radius(id)).toMatchObject({
    state: "canary",
    orders: [],
    stations: [],
    canaries: [],
    instead: before.version,
  });
  await revoke(id);
  expect(await versionAt(at)).toBe(before.version);
  expect(await radius(before.id)).toMatchObject({ canaries: [] });
});
