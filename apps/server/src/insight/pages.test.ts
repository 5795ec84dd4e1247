import type { OrderSort, ReleaseSort, UnitState } from "@flashline/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newId } from "../ids.ts";
import { LINK_FAILURE, lineOf } from "../jobs/testing.ts";
import { onOneDay } from "../testing/midnight.ts";
import { refusal } from "../testing/refusal.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import {
  repairQuarters,
  repairTallies,
  repairTalliesAfter,
  repairUnits,
} from "./kept.repository.ts";

let server: TestServer;
let call: TestClient;
onOneDay();
beforeAll(async () => {
  server = await startTestServer();
  call = await server.person("engineer");
  for (let n = 1; n <= 7; n += 1) await lineOf(server).flash(`SN810${n}`);
});
afterAll(() => server.close());

const FIRST_ID = "00000000-0000-0000-0000-000000000000";
const MOST_PAGES = 20;

/** Every row of a list by its pages; `meanwhile` runs after each page. */
async function paged<Row>(
  read: (after: string | undefined) => Promise<readonly Row[]>,
  placeOf: (row: Row) => string | undefined,
  meanwhile: (page: number) => Promise<unknown> = () => Promise.resolve(),
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let after: string | undefined;
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const next = await read(after);
    if (next.length === 0) return rows;
    rows.push(...next);
    after = placeOf(next.at(-1) as Row);
    await meanwhile(page);
  }
  return rows;
}

const pagedAttempts = (filter: object, meanwhile?: (page: number) => Promise<unknown>) =>
  paged(
    async (after) => (await call("attempts", { query: { ...filter, limit: 2, after } })).body,
    ({ id }) => id,
    meanwhile,
  );

it("a list of attempts goes on after any row, also while more arrive and where many came at one time", async () => {
  const all = (await call("attempts", {})).body.map(({ id }) => id);
  const more = (page: number) =>
    page > 3 ? Promise.resolve() : lineOf(server).flash(`SN811${page}`);
  expect((await pagedAttempts({}, more)).map(({ id }) => id)).toEqual(all);
  const { sql } = server.platform.db;
  await sql.execute("UPDATE attempt SET received_at = now() WHERE received_at IS NOT NULL");
  const same = (await call("attempts", {})).body.map(({ id }) => id);
  expect(new Set(same).size).toBe(10);
  for (const filter of [{}, { outcome: "PASS" }, { station: "L3-01" }] as const) {
    expect((await pagedAttempts(filter)).map(({ id }) => id)).toEqual(same);
  }
  const host = (await call("hosts", {})).body.hosts[0]?.id;
  expect((await pagedAttempts({ host, outcome: "PASS" })).map(({ id }) => id)).toEqual(same);
});

it("a list of units goes on where it was while units move to its beginning", async () => {
  await lineOf(server).flash("SN8201", LINK_FAILURE);
  const read = async (after: string | undefined) =>
    (await call("units", { query: { limit: 3, after } })).body;
  const all = (await call("units", {})).body.map(({ serial }) => serial);
  expect(all[0]).toBe("SN8201");
  // The first row is worked on again: it is seen once, and nothing else is left out or seen twice.
  const again = (page: number) => (page === 1 ? lineOf(server).flash("SN8201") : Promise.resolve());
  const seen = await paged(read, ({ cursor }) => cursor, again);
  expect(seen.map(({ serial }) => serial)).toEqual(all);
  expect((await call("units", {})).body[0]).toMatchObject({ serial: "SN8201", state: "passed" });
});

const turned = <T>(rows: readonly T[]): readonly T[] => rows.toReversed();

it("lists are sorted by what they can be sorted by, go on in that order, and refuse anything else", async () => {
  const { sql } = server.platform.db;
  // Some took as long as others, and one tells no time.
  await sql.execute(`UPDATE attempt SET duration_ms = CASE WHEN n % 5 = 0 THEN NULL ELSE n % 3 END
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM attempt) x WHERE x.id = attempt.id`);
  const took = await pagedAttempts({ sort: "duration" });
  const sorted = took.map(({ durationMs, id }) => [durationMs ?? -1, id] as const);
  expect(sorted).toEqual(sorted.toSorted(([a, x], [b, y]) => a - b || (x < y ? -1 : 1)));
  expect(took).toHaveLength((await call("attempts", { query: { limit: 200 } })).body.length);
  expect(await pagedAttempts({ sort: "-duration", window: "today" })).toEqual(turned(took));
  expect(await pagedAttempts({ sort: "time", outcome: "PASS" })).toEqual(
    turned(await pagedAttempts({ outcome: "PASS" })),
  );

  const units = (filter: object) =>
    paged(
      async (after) => (await call("units", { query: { ...filter, limit: 3, after } })).body,
      ({ cursor }) => cursor,
    ).then((rows) => rows.map(({ serial }) => serial));
  const bySerial = (await units({})).toSorted();
  expect(await units({ sort: "serial" })).toEqual(bySerial);
  expect(await units({ sort: "-serial", state: "passed", window: "today" })).toEqual(
    turned(bySerial),
  );
  expect(await units({ sort: "worked", product: "PSU-40" })).toEqual(turned(await units({})));
  for (const [one, other] of [
    [{ sort: "serial" }, { sort: "-serial" }],
    [
      { sort: "serial", window: "today" },
      { sort: "worked", window: "today" },
    ],
    [{ sort: "-worked" }, {}],
    [{}, { sort: "-worked" }],
  ] as const) {
    const after = (await call("units", { query: { ...one, limit: 1 } })).body[0]?.cursor;
    expect(await refusal(call("units", { query: { ...other, after } }))).toBe(
      "400 request.invalid",
    );
  }
  for (const query of [{ sort: "attempts" }, { sort: "serial", search: "SN" }]) {
    expect(await refusal(call("units", { query: query as never }))).toBe("400 request.invalid");
  }
  expect(await refusal(call("attempts", { query: { sort: "code" as never } }))).toBe(
    "400 request.invalid",
  );
});

it("a search that finds many is by serial, and one that finds few by work", async () => {
  const serials = Array.from({ length: 1_100 }, (_, n) => `SN7${String(10_000 + n)}`);
  await call("addUnits", { body: { product: "PSU-40", serials } });
  await lineOf(server).flash("SN710950");
  const page = (search: string, state?: UnitState) => (after: string | undefined) =>
    call("units", { query: { search, state, limit: 200, after } }).then(({ body }) => body);
  const many = await paged(page("SN71"), ({ cursor }) => cursor);
  expect(many.map(({ serial }) => serial)).toEqual(serials);
  const unworked = await paged(page("sn71", "new"), ({ cursor }) => cursor);
  expect(unworked.map(({ serial }) => serial)).toEqual(
    serials.filter((serial) => serial !== "SN710950"),
  );
  const few = await paged(page("SN7109"), ({ cursor }) => cursor);
  expect(few).toHaveLength(100);
  expect(few[0]?.serial).toBe("SN710950");
  // The last characters of a label are enough.
  expect((await page("10950")(undefined)).map(({ serial }) => serial)).toEqual(["SN710950"]);
  // What a pattern would mean is no pattern here.
  expect(await page("%")(undefined)).toEqual([]);
  expect(await page("S_7")(undefined)).toEqual([]);
  expect((await call("products", {})).body[0]?.units).toBe(1_111);
});

it("a search that finds many tells first what begins with it, then what contains it elsewhere", async () => {
  const { sql } = server.platform.db;
  const addUnits = (serials: string, values: readonly unknown[] = []) =>
    sql.execute(
      `INSERT INTO unit (id, product_id, serial) SELECT gen_random_uuid(), product_id, v.serial FROM unit, (${serials}) v(serial)
        WHERE unit.serial = 'SN8101'`,
      values,
    );
  await addUnits(
    "SELECT begin || 1000 + n FROM generate_series(1, 600) n, unnest(ARRAY['Q7-', 'B-Q7-', 'Z-Q7-']) begin",
  );
  // So many that the last of those are not among the first serials.
  for (let from = 0; from < 10_000; from += 2_000)
    await addUnits("SELECT 'A' || 10000000 + $1::int + n FROM generate_series(1, 2000) n", [from]);
  // What a query would take for its own signs.
  await addUnits("SELECT $1::text", ["O'N\\E & *1"]);
  const find = (search: string, state?: UnitState) =>
    paged(
      (after) =>
        call("units", { query: { search, state, limit: 200, after } }).then(({ body }) => body),
      ({ cursor }) => cursor,
    ).then((rows) => rows.map(({ serial }) => serial));
  const numbers = Array.from({ length: 600 }, (_, n) => 1001 + n);
  const all = ["Q7-", "B-Q7-", "Z-Q7-"].flatMap((begin) => numbers.map((n) => `${begin}${n}`));
  expect(await find("Q7-1")).toEqual(all);
  expect(await find("q7", "new")).toEqual(all);
  expect(await find("Q7", "passed")).toEqual([]);
  expect(await find("-Q7-1600")).toEqual(expect.arrayContaining(["B-Q7-1600", "Z-Q7-1600"]));
  for (const search of ["O'N\\E", "'", "\\", "N\\E & *1".replaceAll(" ", "-"), "&"]) {
    expect(await find(search), search).toEqual(search.includes("-") ? [] : ["O'N\\E & *1"]);
  }
});

it("orders and releases go on after any row, also where many were made at one time", async () => {
  const { sql } = server.platform.db;
  await sql.execute(
    `INSERT INTO work_order (id, number, product_id, release_id, step_id, quantity, created_at, created_by)
     SELECT gen_random_uuid(), 'WO-P' || n, product_id, release_id, step_id, 9, created_at, 'test'
       FROM work_order, generate_series(1, 6) n`,
  );
  await sql.execute(
    `INSERT INTO release (id, product_id, version, counter, chip, manifest, manifest_sha256, signature, key_id, recipe, created_at, created_by)
     SELECT gen_random_uuid(), product_id, '9.0.' || n, 100 + n, chip, manifest, md5(n::text) || md5('x' || n), signature, key_id, recipe,
            created_at, 'test' FROM release, generate_series(1, 6) n`,
  );
  await sql.execute(
    "INSERT INTO release_image SELECT n.id, 0, i.name, i.image_sha256, i.address FROM release n, release_image i WHERE n.version LIKE '9.0.%'",
  );
  const orders = (await call("workOrders", {})).body;
  expect(orders).toHaveLength(7);
  const pagedOrders = await paged(
    async (after) => (await call("workOrders", { query: { limit: 2, after } })).body,
    ({ id }) => id,
  );
  expect(pagedOrders).toEqual(orders);
  for (const product of [undefined, "PSU-40"]) {
    const releases = (await call("releases", { query: { product } })).body;
    expect(releases).toHaveLength(7);
    const pagedReleases = await paged(
      async (after) => (await call("releases", { query: { limit: 3, product, after } })).body,
      ({ id }) => id,
    );
    expect(pagedReleases).toEqual(releases);
  }
});

it("a place that is in no list is refused", async () => {
  const after = FIRST_ID;
  expect(await refusal(call("attempts", { query: { after } }))).toBe("400 request.invalid");
  expect(await refusal(call("workOrders", { query: { after } }))).toBe("400 request.invalid");
  expect(await refusal(call("releases", { query: { after } }))).toBe("400 request.invalid");
  for (const place of [
    "x",
    after,
    Buffer.from('["worked","2026-99-99T00:00:00Z"]').toString("base64url"),
    Buffer.from(`["worked","2026-99-99T00:00:00Z","${after}"]`).toString("base64url"),
    Buffer.from(`["serial","\\u0000","${after}"]`).toString("base64url"),
  ]) {
    expect(await refusal(call("units", { query: { after: place } }))).toBe("400 request.invalid");
  }
});

it("what is kept is compared with the jobs behind it and put right", async () => {
  const { sql } = server.platform.db;
  const wrongUnits = async () => (await repairUnits(sql, FIRST_ID, 5_000)).wrong;
  expect(await wrongUnits()).toEqual([]);
  expect(await repairTallies(sql, "openOrders")).toEqual([]);
  const order = async () =>
    (await call("workOrders", {})).body.find(({ number }) => number === server.seed.workOrder);
  const before = await order();
  expect(before).toMatchObject({ passed: 12, failed: 0, running: 0 });
  await sql.execute(
    "UPDATE unit_state SET state = 'failed', counted = '{}' WHERE serial = 'SN8101'",
  );
  await sql.execute(
    "UPDATE tally SET passed = passed - 3 WHERE scope = $1 AND shard = (SELECT min(shard) FROM tally WHERE scope = $1)",
    [server.seed.workOrderId],
  );
  expect(await order()).toMatchObject({ passed: 9 });
  expect(await wrongUnits()).toMatchObject([{ serial: "SN8101" }]);
  expect(await repairTallies(sql, "openOrders")).toMatchObject([
    { name: server.seed.workOrder, passed: 2 },
  ]);
  expect(await order()).toEqual(before);
  const [unit] = (await call("units", { query: { search: "SN8101" } })).body;
  expect(unit?.state).toBe("passed");
  expect(await wrongUnits()).toEqual([]);
  await sql.execute("DELETE FROM attempt_day WHERE serial = 'SN8102'");
  expect(await wrongUnits()).toMatchObject([{ serial: "SN8102", kept: null }]);
  expect(await wrongUnits()).toEqual([]);
  expect((await repairUnits(sql, "ffffffff-ffff-ffff-ffff-ffffffffffff", 9)).last).toBeNull();
});

it("counts of releases, products, closed orders and stations are compared too", async () => {
  const { sql } = server.platform.db;
  const look = async () => ({
    orders: (await call("workOrders", {})).body,
    releases: (await call("releases", {})).body,
    products: (await call("products", {})).body,
    stations: (await call("stations", {})).body.map(({ today }) => today),
  });
  const repair = async () => ({
    products: await repairTallies(sql, "products"),
    orders: (await repairTalliesAfter(sql, "closedOrders", FIRST_ID, 20)).wrong,
    releases: (await repairTalliesAfter(sql, "releases", FIRST_ID, 20)).wrong,
    stations: await repairQuarters(sql, 2),
  });
  const { workOrderId, workOrder, releaseId, productId, product } = server.seed;
  await sql.execute("UPDATE work_order SET state = 'closed' WHERE id = $1", [workOrderId]);
  // What the tests before left.
  await repair();
  const nothing = { products: [], orders: [], releases: [], stations: [] };
  expect(await repair()).toEqual(nothing);
  const before = await look();
  await sql.execute(
    `UPDATE tally SET passed = passed + 3, failed = failed + 1, units = units + 5 FROM (
       SELECT scope, min(shard) AS shard FROM tally WHERE scope = ANY($1::uuid[]) GROUP BY scope) one
      WHERE (tally.scope, tally.shard) = (one.scope, one.shard)`,
    [[workOrderId, releaseId, productId]],
  );
  await sql.execute("UPDATE station_quarter SET passed = passed + 2");
  await sql.execute(
    "INSERT INTO station_quarter SELECT station_id, now() - interval '3 days', 1, 1 FROM station_quarter LIMIT 1",
  );
  expect(await look()).not.toEqual(before);
  const found = await repair();
  expect(found.products).toMatchObject([{ name: product, units: -5 }]);
  expect(found.orders).toMatchObject([{ name: workOrder, passed: -3, failed: -1 }]);
  expect(found.releases).toMatchObject([{ name: "1.0.0", passed: -3, failed: -1 }]);
  expect(found.stations).toContainEqual(
    expect.objectContaining({ station: server.seed.station.name, passed: -2 }),
  );
  expect(await look()).toEqual(before);
  expect(await repair()).toEqual(nothing);
  expect(
    await sql.query("SELECT FROM station_quarter WHERE begins_at < now() - interval '2 days'"),
  ).toEqual([]);
  expect((await repairTalliesAfter(sql, "releases", releaseId, 20)).last).not.toBe(releaseId);
  await sql.execute("UPDATE work_order SET state = 'open' WHERE id = $1", [workOrderId]);
});

it("of many incidents the first and the last are shown, and all when they are asked for", async () => {
  const incidents = Array.from({ length: 667 }, (_, n) => ({
    code: n === 0 ? "link.timeout" : "link.stall",
    phase: "write",
    atMs: n,
    detail: `no answer ${n}`,
  }));
  const { attemptId } = await lineOf(server).flash("SN8301", { ...LINK_FAILURE, incidents });
  const params = { id: attemptId };
  const { body } = await call("attempt", { params });
  expect(body.incidents.map(({ atMs }) => atMs)).toEqual(
    [...Array(20).keys()].concat([...Array(20).keys()].map((n) => 647 + n)),
  );
  expect(body.incidentCounts).toEqual({ "link.timeout": 1, "link.stall": 666 });
  const whole = (await call("attempt", { params, query: { incidents: "all" } })).body;
  expect(whole.incidents).toEqual(incidents);
  const [unit] = (await call("units", { query: { search: "SN8301" } })).body;
  const { history } = (await call("unit", { params: { id: unit?.id ?? "" } })).body;
  expect(history[0]?.incidents).toHaveLength(40);
});

it("a unit counts on the day on which its first attempt began, however late that was told", async () => {
  const { sql } = server.platform.db;
  const { finalYield: before } = (await call("yield", {})).body;
  await lineOf(server).flash("SN8401", LINK_FAILURE);
  await lineOf(server).flash("SN8401");
  await sql.execute(
    `UPDATE attempt a SET accepted_at = now() - interval '3 days' FROM unit u WHERE u.id = a.unit_id AND u.serial = 'SN8401' AND a.first`,
  );
  await sql.execute(
    `UPDATE attempt a SET accepted_at = now() - interval '2 days', received_at = now() - interval '2 days'
       FROM unit u WHERE u.id = a.unit_id AND u.serial = 'SN8401' AND NOT a.first`,
  );
  expect((await call("yield", {})).body.finalYield).toEqual(before);
  const week = (await call("yield", { query: { window: "last-7-days" } })).body;
  expect(week.finalYield).toMatchObject({ count: before.count + 1, n: before.n + 1 });
});

/** Those of one group stand by their ids, the latest first. */
const byIds = <Row extends { readonly id: string }>(rows: readonly Row[]): readonly Row[] =>
  rows.toSorted((a, b) => (a.id < b.id ? 1 : -1));

it("orders are sorted by their time, number, state or product, either way", async () => {
  const { sql } = server.platform.db;
  const { product, version } = (await call("workOrders", {})).body[0] ?? expect.fail("no order");
  await sql.execute(
    `INSERT INTO product SELECT (jsonb_populate_record(p, jsonb_build_object('id', $1::uuid, 'name', 'AB-1'))).* FROM product p LIMIT 1`,
    [newId()],
  );
  for (const number of ["A-2", "Z-1", "A-1", "B-7"]) {
    await call("addWorkOrder", { body: { number, product, version, quantity: 1 } });
  }
  await sql.execute(
    "UPDATE work_order SET product_id = (SELECT id FROM product WHERE name = 'AB-1') WHERE number IN ('Z-1', 'B-7')",
  );
  await sql.execute("UPDATE work_order SET state = 'closed' WHERE number IN ('Z-1', 'A-1')");
  const orders = (sort?: OrderSort) =>
    paged(
      async (after) => (await call("workOrders", { query: { sort, limit: 1, after } })).body,
      ({ id }) => id,
    );
  const numbers = async (sort?: OrderSort) => (await orders(sort)).map(({ number }) => number);
  const latest = await orders();
  const sorted = latest.map(({ number }) => number).toSorted();
  expect(await numbers("number")).toEqual(sorted);
  expect(await numbers("-number")).toEqual(turned(sorted));
  expect(await numbers("created")).toEqual(turned(await numbers()));
  const grouped = (key: (order: (typeof latest)[number]) => string, groups: readonly string[]) =>
    groups.flatMap((group) => byIds(latest.filter((one) => key(one) === group)));
  expect(await orders("state")).toEqual(grouped(({ state }) => state, ["open", "closed"]));
  expect(await orders("-state")).toEqual(grouped(({ state }) => state, ["closed", "open"]));
  const products = [...new Set(latest.map((one) => one.product))].toSorted();
  expect(products).toContain("AB-1");
  expect(await orders("product")).toEqual(grouped((one) => one.product, products));
  expect(await orders("-product")).toEqual(grouped((one) => one.product, turned(products)));
});

it("releases are sorted by their time, version or product, either way", async () => {
  const { sql } = server.platform.db;
  const versions = ["1.9.0", "1.10.0", "2.0.0-rc1", "2.0.0", "1.9", "1.9.0-rc10", "1.9.0-rc9"];
  for (const [n, version] of versions.entries()) {
    const id = newId();
    await sql.execute(
      `INSERT INTO release SELECT (jsonb_populate_record(r, jsonb_build_object('id', $1::uuid, 'version', $2::text, 'counter', $3::int,
              'manifest_sha256', encode(sha256($2::text::bytea), 'hex'), 'created_at', now(), 'product_id',
              (SELECT id FROM product WHERE name = CASE WHEN $3::int % 2 = 0 THEN 'AB-1' ELSE 'PSU-40' END)))).*
         FROM release r WHERE id = $4::uuid`,
      [id, version, 900 + n, server.seed.releaseId],
    );
    await sql.execute(
      `INSERT INTO release_image (release_id, position, name, image_sha256, address)
       SELECT $1::uuid, position, name, image_sha256, address FROM release_image WHERE release_id = $2::uuid`,
      [id, server.seed.releaseId],
    );
  }
  const releases = (sort?: ReleaseSort, product?: string) =>
    paged(
      async (after) => (await call("releases", { query: { sort, product, limit: 1, after } })).body,
      ({ id }) => id,
    );
  const latest = await releases();
  expect(await releases("created")).toEqual(turned(latest));
  const byVersion = (await releases("version")).map(({ version }) => version);
  expect(byVersion.filter((version) => versions.includes(version))).toEqual([
    ...["1.9", "1.9.0-rc9", "1.9.0-rc10", "1.9.0", "1.10.0", "2.0.0-rc1", "2.0.0"],
  ]);
  expect((await releases("-version")).map(({ version }) => version)).toEqual(turned(byVersion));
  const of = (product: string) => byIds(latest.filter((one) => one.product === product));
  const ofProduct = await releases("version", "AB-1");
  expect(ofProduct.map(({ version }) => version)).toEqual([
    "1.9",
    "1.9.0-rc9",
    "1.9.0",
    "2.0.0-rc1",
  ]);
  const products = [...new Set(latest.map((one) => one.product))].toSorted();
  expect(await releases("product")).toEqual(products.flatMap(of));
  expect(await releases("-product")).toEqual(turned(products).flatMap(of));
  expect(await releases("product", "AB-1")).toEqual(of("AB-1"));
});
