import { RefusedError } from "@flashline/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf, lineOf, resultOf } from "../jobs/testing.ts";
import { eventsOf } from "../testing/events.ts";
import { refusal } from "../testing/refusal.ts";
import type { SeededStation } from "../testing/seed.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import { untilWaiting } from "../testing/waiting.ts";

let server: TestServer;
let replica: TestServer;
let engineer: TestClient;
let onReplica: TestClient;
beforeAll(async () => {
  server = await startTestServer();
  replica = await startTestServer({ replicaOf: server });
  engineer = await server.person("engineer");
  onReplica = await replica.person("engineer");
});
afterAll(async () => {
  await replica.close();
  await server.close();
});

let count = 0;
/** An order of the seeded product, at these stations. */
async function newOrder(quantity = 10, stations: readonly string[] = []): Promise<string> {
  count += 1;
  const number = `C-${count}`;
  const { product, version } = server.seed;
  await engineer("addWorkOrder", {
    body: { number, product, version, quantity, stations: [...stations] },
  });
  return number;
}
/** A station with nothing in its queue. */
async function freeStation(): Promise<SeededStation> {
  count += 1;
  const station = await server.addStation(`C-ST-${count}`);
  await engineer("removeOrderStation", { params: { id: "WO-1", station: station.name } });
  return station;
}
const set = (
  id: string,
  stations: readonly string[],
  more: { priority?: number; from?: string; confirm?: boolean; reason?: string } = {},
) => engineer("setOrderStations", { params: { id }, body: { stations: [...stations], ...more } });
const detail = async (id: string) => (await engineer("workOrder", { params: { id } })).body;
/** The order that a scan would be flashed with. */
async function orderOf(station: SeededStation, serial: string): Promise<string> {
  const { body } = await server.station(station)("preflight", { body: { serial, nest: "D" } });
  return body.go ? body.workOrder : body.code;
}

test("a station is moved to another order only when what it leaves was named and confirmed; its unit in work finishes", async () => {
  const station = await freeStation();
  const one = await newOrder(10, [station.name]);
  const other = await newOrder();
  const line = lineOf(server, station);
  const attempt = await line.start(await line.lease("SN810001"));
  const move = { from: one, reason: "rush order" };
  const error = await set(other, [station.name], move).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(RefusedError);
  expect(error).toMatchObject({
    status: 409,
    refusal: {
      code: "order.unconfirmed",
      details: [{ station: station.name, order: one, inWork: 1, stays: false }],
    },
  });
  expect(await orderOf(station, "SN810002")).toBe(one);
  const moved = await set(other, [station.name], { ...move, confirm: true });
  expect(moved.body.queue).toMatchObject([{ station: station.name, active: true, inWork: 0 }]);
  expect(await orderOf(station, "SN810002")).toBe(other);
  expect((await line.report(attempt, resultOf(attempt))).status).toBe(201);
  expect(await detail(one)).toMatchObject({ passed: 1, used: 1, stations: [] });
  expect(await detail(other)).toMatchObject({ passed: 0, used: 0, stations: [station.name] });
  // Again: it is not at the order that it should leave.
  expect(await refusal(set(other, [station.name], { ...move, confirm: true }))).toBe(
    "409 order.station_elsewhere",
  );
  const told = await eventsOf(server.platform.db.sql, "order.stations-%");
  expect(told.slice(-2)).toMatchObject([
    {
      kind: "order.stations-removed",
      subjectName: one,
      reason: "rush order",
      plantId: server.seed.plantId,
      data: { stations: [station.name], to: other },
    },
    { kind: "order.stations-set", subjectName: other, who: "person test-engineer" },
  ]);
});

test("of two replicas that move the same station at the same time one does, and the other is told", async () => {
  for (let round = 0; round < 5; round += 1) {
    const station = await freeStation();
    const from = await newOrder(10, [station.name]);
    const [left, right] = [await newOrder(), await newOrder()];
    const body = { stations: [station.name], from, confirm: true };
    const answers = await Promise.all([
      codeOf(engineer("setOrderStations", { params: { id: left }, body })),
      codeOf(onReplica("setOrderStations", { params: { id: right }, body })),
    ]);
    expect(answers.toSorted()).toEqual(["accepted", "order.station_elsewhere"]);
    const winner = answers[0] === "accepted" ? left : right;
    expect(await orderOf(station, `SN8200${10 + round}`)).toBe(winner);
  }
});

test("an order that would take the place of another one is confirmed; both stay in the queue", async () => {
  const station = await freeStation();
  const one = await newOrder(10, [station.name]);
  const rush = await newOrder();
  expect(await refusal(set(rush, [station.name], { priority: 1 }))).toBe("409 order.unconfirmed");
  // Behind the other one nothing changes now.
  const behind = await set(rush, [station.name]);
  expect(behind.body.queue).toMatchObject([{ priority: 100, active: false, behind: one }]);
  await set(rush, [station.name], { priority: 1, confirm: true });
  expect(await orderOf(station, "SN830001")).toBe(rush);
  await engineer("removeOrderStation", { params: { id: rush, station: station.name } });
  expect(await orderOf(station, "SN830001")).toBe(one);
  await engineer("removeOrderStation", { params: { id: one, station: station.name } });
  expect(await orderOf(station, "SN830001")).toBe("preflight.no_work_order");
  expect(await refusal(set(rush, ["nowhere"]))).toBe("400 request.invalid");
  expect(await refusal(set("no such order", [station.name]))).toBe("404 request.not_found");
});

test("when an order is used up the next one of its product goes on by itself", async () => {
  const station = await freeStation();
  const one = await newOrder(2, [station.name]);
  const next = await newOrder(1, [station.name]);
  const line = lineOf(server, station);
  await line.flash("SN840001");
  await line.flash("SN840002");
  expect(await orderOf(station, "SN840003")).toBe(next);
  expect((await line.call("setup", {})).body.workOrder?.number).toBe(next);
  await line.flash("SN840003");
  expect(await orderOf(station, "SN840004")).toBe("preflight.quota_reached");
  expect([(await detail(one)).used, (await detail(next)).used]).toEqual([2, 1]);
});

test("stations that race for the last unit of an order go on with the next one", async () => {
  const stations = [await freeStation(), await freeStation(), await freeStation()];
  const names = stations.map(({ name }) => name);
  const one = await newOrder(1, names);
  const next = await newOrder(5, names);
  await Promise.all(stations.map((station, at) => lineOf(server, station).order(`SN85000${at}`)));
  expect([(await detail(one)).used, (await detail(next)).used]).toEqual([1, 2]);
});

test("a quantity is raised and lowered, never below what is used, also while jobs start", async () => {
  const station = await freeStation();
  const number = await newOrder(3, [station.name]);
  const line = lineOf(server, station);
  const quantity = (value: number) =>
    engineer("setOrderQuantity", { params: { id: number }, body: { quantity: value } });
  await line.flash("SN860001");
  await line.flash("SN860002");
  expect(await refusal(quantity(1))).toBe("409 order.quantity_used");
  expect((await quantity(2)).body).toMatchObject({ quantity: 2, used: 2 });
  expect(await orderOf(station, "SN860003")).toBe("preflight.quota_reached");
  await quantity(20);
  expect(await orderOf(station, "SN860003")).toBe(number);
  const starts = ["A", "B", "C", "D"].map((nest, at) => codeOf(line.order(`SN86001${at}`, nest)));
  await Promise.all([...starts, ...[2, 3, 4, 5].map((value) => codeOf(quantity(value)))]);
  const after = await detail(number);
  expect(after.used).toBeLessThanOrEqual(after.quantity);
  expect(await eventsOf(server.platform.db.sql, "order.quantity-changed")).toContainEqual(
    expect.objectContaining({ before: { quantity: 2 }, after: { quantity: 20 } }),
  );
});

test("a closed order takes no change but goes on when it is reopened", async () => {
  const station = await freeStation();
  const number = await newOrder(5, [station.name]);
  await engineer("closeWorkOrder", { params: { id: number } });
  expect(await refusal(set(number, [station.name]))).toBe("409 order.closed");
  const quantity = { params: { id: number }, body: { quantity: 6 } };
  expect(await refusal(engineer("setOrderQuantity", quantity))).toBe("409 order.closed");
  expect(await orderOf(station, "SN870001")).toBe("preflight.no_work_order");
  const again = { stations: [station.name], reason: "customer wants more" };
  const { body } = await engineer("reopenWorkOrder", { params: { id: number }, body: again });
  expect(body).toMatchObject({ state: "open", stations: [station.name] });
  expect(await orderOf(station, "SN870001")).toBe(number);
});

test("an order gets another released release of its product, and the next unit has it", async () => {
  const station = await freeStation();
  const number = await newOrder(5, [station.name]);
  const release = (version: string) =>
    engineer("setOrderRelease", {
      params: { id: number },
      body: { version, reason: "fixes the fan" },
    });
  expect(await refusal(release("9.9.9"))).toBe("400 request.invalid");
  const line = lineOf(server, station);
  const old = await line.lease("SN880001");
  const { sql } = server.platform.db;
  await sql.execute(
    `INSERT INTO release (id, product_id, version, counter, chip, state, "check", manifest, manifest_sha256, signature, key_id, recipe, created_by)
     SELECT gen_random_uuid(), product_id, '1.1.0', 2, chip, 'draft', 'passed', manifest, repeat('b', 64), signature, key_id, recipe, 'test'
       FROM release WHERE id = $1`,
    [server.seed.releaseId],
  );
  expect(await refusal(release("1.1.0"))).toBe("409 release.not_released");
  const change = (text: string) =>
    sql.execute(`UPDATE release SET ${text} WHERE version = '1.1.0'`);
  await change("state = 'released', expires_at = now() - interval '1 second'");
  expect(await refusal(release("1.1.0"))).toBe("409 release.expired");
  await change("expires_at = NULL");
  expect((await release("1.1.0")).body.version).toBe("1.1.0");
  const scan = { serial: "SN880002", nest: "B" };
  expect((await line.call("preflight", { body: scan })).body).toMatchObject({ version: "1.1.0" });
  // The unit in work keeps the release that it was leased with.
  const attempt = await line.start(old);
  expect((await line.report(attempt, resultOf(attempt))).status).toBe(201);
  expect(await eventsOf(sql, "order.release-changed")).toMatchObject([
    { before: { version: "1.0.0" }, after: { version: "1.1.0" }, reason: "fixes the fan" },
  ]);
});

test("of two people who change an order at once, the second one finds it with its new release", async () => {
  const number = await newOrder(5);
  const { db } = server.platform;
  let raised: Promise<string> | undefined;
  await db.transaction(async (tx) => {
    await tx.execute(
      "UPDATE work_order SET release_id = (SELECT id FROM release WHERE version = '1.1.0') WHERE number = $1",
      [number],
    );
    const more = { params: { id: number }, body: { quantity: 9 } };
    raised = refusal(engineer("setOrderQuantity", more));
    await untilWaiting(tx, 1);
  });
  expect(await raised).toBe("answered");
  expect(await detail(number)).toMatchObject({ quantity: 9, version: "1.1.0" });
});

test("a job that was decided before its order got another release, or was closed, is not entered", async () => {
  const station = await freeStation();
  const number = await newOrder(5, [station.name]);
  const { sql } = server.platform.db;
  const job = `INSERT INTO job (id, unit_id, station_id, nest_id, work_order_id, release_id, step_id, state)
    SELECT gen_random_uuid(), u.id, $2::uuid, $3::uuid, w.id, $4::uuid, w.step_id, 'QUEUED'
      FROM work_order w JOIN unit u ON u.serial = 'SN840001' WHERE w.number = $1`;
  const nest = station.nests[0]?.id;
  const [other] = await sql.query<{ id: string }>("SELECT id FROM release WHERE version = '1.1.0'");
  const enter = (release: string | undefined) =>
    sql.execute(job, [number, station.id, nest, release]).catch((error: unknown) => error);
  expect(await enter(other?.id)).toMatchObject({ constraint: "work_order_changed" });
  await engineer("closeWorkOrder", { params: { id: number } });
  expect(await enter(server.seed.releaseId)).toMatchObject({ constraint: "work_order_changed" });
});
