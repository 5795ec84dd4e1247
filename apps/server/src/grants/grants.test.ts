import { Grant, MOST_BARRED_BEFORE } from "@flashline/contract";
import { parsePublicKey, SignatureError, verifyMinisig } from "@flashline/signing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "../ids.ts";
import { codeOf, lineOf } from "../jobs/testing.ts";
import { repairUsed } from "../jobs/used.repository.ts";
import { eventsOf } from "../testing/events.ts";
import { eventually, refusal } from "../testing/refusal.ts";
import type { SeededStation } from "../testing/seed.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import { untilWaiting } from "../testing/waiting.ts";
import { grantedStation } from "./testing.ts";

let server: TestServer;
let engineer: TestClient;
beforeAll(async () => {
  server = await startTestServer();
  engineer = await server.person("engineer");
  await giving({ hours: 8, units: 50 });
});
afterAll(() => server.close());

const giving = (rules: { hours?: number; units?: number }) =>
  engineer("setPlantGrants", {
    params: { id: "Graz" },
    body: { ...rules, reason: "for the test" },
  });

let made = 0;
let serials = 1000;
const newSerial = (): string => {
  serials += 1;
  return `SN${serials}`;
};

/** An order of its own, at so many stations of its own. */
async function newOrder(quantity: number, at = 1, product = "PSU-40") {
  made += 1;
  const number = `WO-G${made}`;
  const stations: SeededStation[] = [];
  for (let n = 0; n < at; n += 1) {
    const station = await server.addStation(`G${made}-${n}`, 2);
    await server.platform.db.sql.execute("DELETE FROM station_order WHERE station_id = $1", [
      station.id,
    ]);
    stations.push(station);
  }
  const names = stations.map(({ name }) => name);
  await engineer("addWorkOrder", {
    body: { number, product, version: "1.0.0", quantity, stations: names },
  });
  const on = stations.map((station) => ({
    station,
    line: lineOf(server, station),
    ...grantedStation(server.station(station), station),
  }));
  const [first = expect.fail("no station")] = on;
  const counts = async () => {
    const { sql } = server.platform.db;
    const [row] = await sql.query<{ used: number; reserved: number }>(
      "SELECT used, reserved FROM work_order WHERE number = $1",
      [number],
    );
    return `${row?.used} used, ${row?.reserved} reserved`;
  };
  return { number, on, first, counts };
}

/** MAC-1, whose release takes a number of the range "mac". */
async function productWithNumbers(): Promise<void> {
  const { sql } = server.platform.db;
  const ids = [newId(), newId(), newId()];
  await sql.execute(
    `INSERT INTO product (id, name, title, chip, serial_pattern, registration) VALUES ($1, 'MAC-1', '', 'STM32F407', '^SN\\d{4,8}$', 'pattern')`,
    ids.slice(0, 1),
  );
  await sql.execute(
    "INSERT INTO process_step (id, product_id, name, position) VALUES ($1, $2, 'flash', 1)",
    [ids[1], ids[0]],
  );
  const field = { name: "mac", kind: "u32", address: 0x0800_0100, length: 4, secret: false };
  const fields = [{ ...field, from: "range", range: "mac" }];
  await sql.execute(
    `INSERT INTO release (id, product_id, version, counter, chip, state, "check", manifest, manifest_sha256, signature, key_id, created_by, released_at, recipe)
     SELECT $1, $2, version, counter, chip, state, "check", manifest, repeat('1', 64), signature, key_id, created_by, released_at,
            recipe || jsonb_build_object('fields', $3::jsonb) FROM release WHERE id = $4`,
    [ids[2], ids[0], JSON.stringify(fields), server.seed.releaseId],
  );
  await sql.execute(
    `INSERT INTO release_image (release_id, position, name, image_sha256, address)
     SELECT $1, position, name, image_sha256, address FROM release_image WHERE release_id = $2`,
    [ids[2], server.seed.releaseId],
  );
}

/** Grants that the station keeps. */
const open = async (order: string) =>
  (await engineer("grants", { query: { order, open: "true" } })).body;

const attemptOf = async (id: string) => (await engineer("attempt", { params: { id } })).body;

test("a grant keeps places of its order, is signed for its station, and is the same again for the same id", async () => {
  const { number, first, counts } = await newOrder(40);
  const id = newId();
  const { signed, grant } = await first.grant(id);
  expect(grant).toMatchObject({
    id,
    stationId: first.station.id,
    order: number,
    product: "PSU-40",
    version: "1.0.0",
    units: 20,
    nests: ["A", "B"],
    numbers: [],
  });
  expect(Date.parse(grant.until) - Date.parse(grant.from)).toBe(8 * 3_600_000);
  expect(await counts()).toBe("0 used, 20 reserved");
  expect((await first.ask(id)).grant).toEqual(signed);
  expect(await counts()).toBe("0 used, 20 reserved");
  const { body: setup } = await first.line.call("setup", {});
  const key = parsePublicKey(setup.grants?.key ?? "");
  verifyMinisig(Buffer.from(signed.statement), signed.signature, key);
  const more = Buffer.from(signed.statement.replace('"units":20', '"units":90'));
  expect(() => verifyMinisig(more, signed.signature, key)).toThrow(SignatureError);
  // Another station does not get it, and another engineer's eye sees it.
  const [other = expect.fail()] = (await newOrder(4)).on;
  expect((await other.ask(id)).refusal).not.toBeNull();
  expect(await open(number)).toMatchObject([
    { id, station: first.station.name, units: 20, used: 0 },
  ]);
});

test("a plant gives no grants until somebody says so, and an order that needs the server for its units gets none", async () => {
  const { first, number } = await newOrder(40);
  await giving({ hours: 0 });
  expect((await first.ask()).refusal?.code).toBe("grant.off");
  expect((await first.line.call("setup", {})).body.grants).toBeNull();
  await giving({});
  expect((await first.line.call("setup", {})).body.grants?.key).toContain("minisign public key");
  const { sql } = server.platform.db;
  await sql.execute("UPDATE product SET registration = 'listed' WHERE name = 'PSU-40'");
  expect((await first.ask()).refusal?.code).toBe("grant.not_for_order");
  await sql.execute("UPDATE product SET registration = 'pattern' WHERE name = 'PSU-40'");
  await engineer("setHold", {
    body: { target: { kind: "station", station: first.station.name }, reason: "a leak" },
  });
  expect((await first.ask()).refusal?.code).toBe("preflight.station_paused");
  await engineer("liftHold", {
    body: { target: { kind: "station", station: first.station.name }, reason: "it is dry" },
  });
  await engineer("closeWorkOrder", { params: { id: number } });
  expect((await first.ask()).refusal?.code).toBe("preflight.no_work_order");
  expect(
    await refusal(
      (await server.person("operator-lead"))("setPlantGrants", {
        params: { id: "Graz" },
        body: { hours: 1, reason: "lead" },
      }),
    ),
  ).toBe("403 auth.forbidden");
});

test("the label of a product comes with its grants, to stations that print it", async () => {
  const { first } = await newOrder(40);
  const template = "^XA^FD{serial}^FS^XZ";
  const params = { id: server.seed.productId };
  const set = (body: { template: string | null; scanBack: string | null }) =>
    engineer("setLabel", { params, body: { ...body, reason: "for the box" } });
  await set({ template, scanBack: "{serial}" });
  expect((await first.ask()).refusal).toMatchObject({
    code: "grant.not_for_order",
    message: expect.stringContaining("label"),
  });
  const body = { abilities: ["labels"] };
  const { body: given } = await first.line.call("askGrant", { params: { id: newId() }, body });
  expect(given.grant?.label).toEqual({ template, scanBack: "{serial}" });
  await set({ template: null, scanBack: null });
  expect((await first.grant()).signed.label).toBeUndefined();
});

test("what was flashed without the server comes in once, in its own time, and its places go back with the grant", async () => {
  const { first, counts, number } = await newOrder(10);
  const given = await first.grant();
  expect(given.grant.units).toBe(5);
  const at = new Date();
  const passed = first.flash(given, 1, newSerial(), {}, at);
  const serial = newSerial();
  const failed = first.flash(
    given,
    2,
    serial,
    { outcome: "FAIL", code: "flash.write_failed", blame: "unit" },
    at,
  );
  const again = first.flash(given, 3, serial, {}, new Date(at.getTime() + 1));
  expect(await first.report(passed)).toBe("201 PASSED");
  expect(await first.report(passed)).toBe("200 PASSED");
  expect(await first.report(failed)).toBe("201 FAILED");
  await first.report(again);
  expect(await counts()).toBe("2 used, 2 reserved");
  const attempt = await attemptOf(passed.attemptId);
  expect(attempt).toMatchObject({
    outcome: "PASS",
    review: false,
    contradictions: [],
  });
  // Other bytes for the same attempt are refused as ever.
  const other = {
    ...passed,
    bytes: Buffer.from(passed.bytes.toString().replace("1234.5", "1234.6")),
  };
  expect(await codeOf(first.report(other))).toBe("result.conflict");
  await first.giveBack(given.grant.id);
  await first.giveBack(given.grant.id);
  expect(await counts()).toBe("2 used, 0 reserved");
  expect(await open(number)).toEqual([]);
  const events = await eventsOf(server.platform.db.sql, "grant.returned");
  expect(events.at(-1)?.data).toMatchObject({ order: number, units: 5, used: 3 });
  expect(await repairUsed(server.platform.db.sql)).toEqual([]);
});

test("an attempt counts when it was made, and never outside of its grant's time", async () => {
  const { first } = await newOrder(10);
  const given = await first.grant();
  const { sql } = server.platform.db;
  await sql.execute(
    "UPDATE offline_grant SET given_at = now() - interval '7 hours', until = now() - interval '1 hour' WHERE id = $1",
    [given.grant.id],
  );
  const hour = 3_600_000;
  const ago = (hours: number) => new Date(Date.now() - hours * hour);
  const acceptedAt = async (one: { attemptId: string }) => {
    const [row] = await sql.query<{ at: Date; job: Date }>(
      `SELECT a.accepted_at AS at, j.created_at AS job FROM attempt a JOIN job j ON j.id = a.job_id WHERE a.id = $1`,
      [one.attemptId],
    );
    expect(row?.job).toEqual(row?.at);
    return Math.round((Date.now() - (row?.at.getTime() ?? 0)) / 60_000) / 60;
  };
  const inside = first.flash(given, 1, newSerial(), {}, ago(5));
  expect(await first.report(inside)).toBe("201 PASSED");
  expect(await acceptedAt(inside)).toBeCloseTo(5, 1);
  const before = first.flash(given, 2, newSerial(), {}, ago(1000));
  expect(await first.report(before)).toBe("201 PASSED");
  expect(await acceptedAt(before)).toBeCloseTo(7, 1);
  // After its end: evidence only, and the unit did not pass.
  const after = first.flash(given, 3, newSerial(), {}, ago(0.5));
  expect(await first.report(after)).toBe("202 UNKNOWN");
  expect(await acceptedAt(after)).toBeCloseTo(1, 1);
  expect((await attemptOf(after.attemptId)).contradictions).toEqual(["grant"]);
});

test("a place is one unit's: what comes on a used one, or on one that is not there, is kept and reviewed", async () => {
  const { first, counts } = await newOrder(8);
  const given = await first.grant();
  const serial = newSerial();
  expect(await first.report(first.flash(given, 1, serial))).toBe("201 PASSED");
  const twice = first.flash(given, 1, newSerial());
  expect(await first.report(twice)).toBe("202 UNKNOWN");
  const beyond = first.flash(given, 5, newSerial());
  expect(await first.report(beyond)).toBe("202 UNKNOWN");
  for (const { attemptId } of [twice, beyond]) {
    expect(await attemptOf(attemptId)).toMatchObject({ contradictions: ["grant"], review: true });
  }
  expect(await counts()).toBe("3 used, 3 reserved");
  // Of another station's grant, or of none, a result tells nothing.
  const other = (await newOrder(8)).first;
  expect(await codeOf(other.report(other.flash(given, 2, newSerial())))).toBe(
    "result.attempt_unknown",
  );
  const nowhere = { ...given, grant: Grant.parse({ ...given.grant, id: newId() }) };
  expect(await codeOf(first.report(first.flash(nowhere, 2, newSerial())))).toBe(
    "result.attempt_unknown",
  );
});

test("a unit that passed elsewhere, was scrapped or was on hold by then is kept as evidence, and never lost", async () => {
  const { on, first } = await newOrder(40, 2);
  const [, second = expect.fail()] = on;
  const given = await first.grant();
  const passed = newSerial();
  await second.line.flash(passed);
  const both = first.flash(given, 1, passed);
  expect(await first.report(both)).toBe("202 UNKNOWN");
  const unit = (await engineer("units", { query: { search: passed } })).body[0];
  expect(await codeOf(first.line.order(passed))).toBe("preflight.already_passed");
  expect(unit?.serial).toBe(passed);

  const held = newSerial();
  await second.line.flash(held, { outcome: "FAIL", code: "flash.write_failed", blame: "unit" });
  const hold = { target: { kind: "unit" as const, serial: held }, reason: "a crack" };
  const early = new Date();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await engineer("setHold", { body: hold });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await first.report(first.flash(given, 2, held))).toBe("202 UNKNOWN");
  // It was flashed before somebody put it on hold: nothing was done wrongly.
  const before = newSerial();
  await second.line.flash(before, { outcome: "FAIL", code: "flash.write_failed", blame: "unit" });
  await engineer("setHold", { body: { ...hold, target: { kind: "unit", serial: before } } });
  expect(await first.report(first.flash(given, 3, before, {}, early))).toBe("201 PASSED");
  // A unit that another station has in work now.
  const busy = newSerial();
  await second.line.lease(busy, "B");
  expect(await first.report(first.flash(given, 4, busy))).toBe("202 UNKNOWN");
  // Its own order whose answer was lost does not count against it.
  const lost = newSerial();
  await first.line.order(lost, "B");
  expect(await first.report(first.flash(given, 5, lost))).toBe("201 PASSED");
  // The next grant names what is on hold.
  expect((await first.grant()).grant.barred).toEqual(expect.arrayContaining([held, before]));
});

test("a product with thousands of scrapped units has grants, for agents that read so many", async () => {
  const { first, number } = await newOrder(10);
  const { sql } = server.platform.db;
  await sql.execute(
    `WITH made AS (INSERT INTO unit (id, product_id, serial)
       SELECT gen_random_uuid(), p.id, 'SC' || n FROM product p, generate_series(1, $1::int) n WHERE p.name = 'PSU-40' RETURNING id)
     INSERT INTO rework (id, unit_id, kind, what, done_by) SELECT gen_random_uuid(), id, 'scrap', 'for the test', 'someone' FROM made`,
    [MOST_BARRED_BEFORE + 1],
  );
  const askable = async (abilities: readonly string[]) => {
    const { grant, refusal: why } = await first.ask(newId(), abilities);
    if (grant === null) return why?.message;
    const { id, barred } = Grant.parse(JSON.parse(grant.statement));
    await first.giveBack(id);
    return barred.filter((serial) => serial.startsWith("SC")).length;
  };
  expect(await askable([])).toBe(
    `Work order ${number} needs the server for each unit: more than 2000 units of PSU-40 are on hold or scrapped.`,
  );
  expect(await askable(["many-barred"])).toBe(MOST_BARRED_BEFORE + 1);
  await sql.execute("DELETE FROM rework WHERE what = 'for the test'");
});

test("two stations never have more than the order is for, and an order that runs short gets its places back", async () => {
  const { on, first, counts, number } = await newOrder(12, 2);
  const [, second = expect.fail()] = on;
  const [a, b] = await Promise.all([first.grant(), second.grant()]);
  expect([a.grant.units, b.grant.units].toSorted()).toEqual([2, 3]);
  for (let n = 0; n < 7; n += 1) await first.line.flash(newSerial());
  expect(await counts()).toBe("7 used, 5 reserved");
  const unit = newSerial();
  const { body } = await first.line.call("preflight", { body: { serial: unit, nest: "A" } });
  expect(body).toMatchObject({ go: false, code: "preflight.quota_reached" });
  // Both would not fit any more: what the station has goes back first.
  expect((await first.ask()).refusal?.code).toBe("preflight.quota_reached");
  await first.giveBack(a.grant.id);
  await eventually(
    () => first.line.call("preflight", { body: { serial: unit, nest: "A" } }),
    (answer) => answer.body.go,
  );
  // What is kept cannot be taken off the order either.
  expect(
    await codeOf(engineer("setOrderQuantity", { params: { id: number }, body: { quantity: 8 } })),
  ).toBe("order.quantity_used");
});

test("a station that died with a grant keeps its places until an engineer ends it, and what it flashed is not lost after that", async () => {
  const { first, counts, number } = await newOrder(4);
  const given = await first.grant();
  expect(given.grant.units).toBe(2);
  await server.platform.db.sql.execute("UPDATE offline_grant SET until = now() WHERE id = $1", [
    given.grant.id,
  ]);
  expect((await open(number))[0]?.state).toBe("over");
  expect(await counts()).toBe("0 used, 2 reserved");
  const params = { id: given.grant.id };
  const body = { reason: "the PC burnt" };
  const ended = await engineer("endGrant", { params, body });
  expect(ended.body).toMatchObject({ state: "ended", endReason: "the PC burnt" });
  expect(await codeOf(engineer("endGrant", { params, body }))).toBe("request.conflict");
  expect(await counts()).toBe("0 used, 0 reserved");
  const at = new Date(given.grant.from);
  expect(await first.report(first.flash(given, 1, newSerial(), {}, at))).toBe("201 PASSED");
  for (let n = 0; n < 3; n += 1) await first.line.flash(newSerial());
  // The order is full by now: one more is over the quantity, and stays as evidence.
  expect(await first.report(first.flash(given, 2, newSerial(), {}, at))).toBe("202 UNKNOWN");
  expect(await counts()).toBe("5 used, 0 reserved");
  expect(await refusal((await server.person("operator-lead"))("endGrant", { params, body }))).toBe(
    "403 auth.forbidden",
  );
});

test("of late results that come at once for the last place of an order, one counts", async () => {
  const { on, counts, number } = await newOrder(8, 2);
  const [one, other] = on;
  if (one === undefined || other === undefined) return expect.fail("no stations");
  const grants = [await one.grant(), await other.grant()] as const;
  for (const { grant } of grants) {
    await engineer("endGrant", { params: { id: grant.id }, body: { reason: "its PC burnt" } });
  }
  for (let n = 0; n < 7; n += 1) await one.line.flash(newSerial());
  expect(await counts()).toBe("7 used, 0 reserved");
  const late = [
    one.flash(grants[0], 1, newSerial(), {}, new Date(grants[0].grant.from)),
    other.flash(grants[1], 1, newSerial(), {}, new Date(grants[1].grant.from)),
  ] as const;
  const { db } = server.platform;
  // Both have read what they need before either one has the order's row.
  const answers = await db.transaction(async (tx) => {
    await tx.execute("SELECT FROM work_order WHERE number = $1 FOR UPDATE", [number]);
    const sent = Promise.all([one.report(late[0]), other.report(late[1])]);
    await untilWaiting(tx, 2);
    return { sent };
  });
  expect((await answers.sent).toSorted()).toEqual(["201 PASSED", "202 UNKNOWN"]);
});

test("numbers are allotted in advance, each once; what comes back goes to the next grant, and what is not certain to no one", async () => {
  const { sql } = server.platform.db;
  await productWithNumbers();
  await engineer("addRange", { body: { product: "MAC-1", name: "mac", first: 1, last: 1000 } });
  const { first } = await newOrder(12, 1, "MAC-1");
  const given = await first.grant();
  const numbersOf = (grant: Grant) => grant.numbers.map(({ mac }) => Number(mac));
  expect(numbersOf(given.grant)).toEqual([1, 2, 3, 4, 5, 6]);
  const online = newSerial();
  await first.line.flash(online);
  const serial = newSerial();
  await first.report(first.flash(given, 2, serial));
  const numberOf = async (name: string) => {
    const [found] = await sql.query<{ value: string }>(
      "SELECT n.value FROM unit_number n JOIN unit u ON u.id = n.unit_id WHERE u.serial = $1",
      [name],
    );
    return Number(found?.value);
  };
  expect([await numberOf(online), await numberOf(serial)]).toEqual([7, 2]);
  await first.giveBack(given.grant.id);
  const next = await first.grant();
  expect(numbersOf(next.grant)).toEqual([1, 3, 4, 5, 6]);
  // A station that does not give it back may have written them into units.
  await engineer("endGrant", { params: { id: next.grant.id }, body: { reason: "lost" } });
  const third = await first.grant();
  expect(numbersOf(third.grant)).toEqual([8, 9, 10, 11, 12]);
  // What was flashed under the ended one is told all the same, with the number that it has.
  const late = newSerial();
  await first.report(first.flash(next, 3, late));
  expect(await numberOf(late)).toBe(4);
});

test("the number of a place that a unit had goes to nobody, although the server has no result of it", async () => {
  const { first } = await newOrder(12, 1, "MAC-1");
  const given = await first.grant();
  const numbersOf = (grant: Grant) => grant.numbers.map(({ mac }) => Number(mac));
  const [kept, written, ...others] = numbersOf(given.grant);
  // The station sets it aside. The number is in the unit.
  const unreadable = first.flash(given, 2, newSerial(), { durationMs: -1 });
  expect(await refusal(first.report(unreadable))).toBe("404 result.attempt_unknown");
  await first.giveBack(given.grant.id, [2]);
  const next = await first.grant();
  expect(numbersOf(next.grant)).toEqual(expect.arrayContaining([kept, ...others]));
  expect(numbersOf(next.grant)).not.toContain(written);
  // Sent once more, it is told with the number that it has.
  const again = first.flash(given, 2, newSerial());
  await first.report(again);
  const [unit] = await server.platform.db.sql.query<{ value: string }>(
    "SELECT n.value FROM unit_number n JOIN attempt a ON a.unit_id = n.unit_id WHERE a.id = $1",
    [again.attemptId],
  );
  expect(Number(unit?.value)).toBe(written);
});

test("the release's page tells what stations may still flash after a revocation, and what they flash then is looked at", async () => {
  const { first } = await newOrder(20);
  const given = await first.grant();
  await first.report(first.flash(given, 1, newSerial()));
  const { releaseId } = server.seed;
  const radius = async () =>
    (await engineer("releaseRadius", { params: { id: releaseId } })).body.grants;
  expect(await radius()).toContainEqual({
    station: first.station.name,
    left: 9,
    until: given.grant.until,
  });
  const { sql } = server.platform.db;
  await sql.execute("UPDATE release SET state = 'revoked', revoked_at = now() WHERE id = $1", [
    releaseId,
  ]);
  try {
    expect((await first.ask()).refusal?.code).toBe("release.revoked");
    const late = first.flash(given, 2, newSerial(), {}, new Date(Date.now() + 1000));
    expect(await first.report(late)).toBe("201 PASSED");
    expect(await attemptOf(late.attemptId)).toMatchObject({ review: true, contradictions: [] });
  } finally {
    await sql.execute("UPDATE release SET state = 'released', revoked_at = NULL WHERE id = $1", [
      releaseId,
    ]);
  }
});

test("places that are kept wrongly are put right once an hour", async () => {
  const { first, counts, number } = await newOrder(12);
  await first.grant();
  const { sql } = server.platform.db;
  await sql.execute("UPDATE work_order SET reserved = 1 WHERE number = $1", [number]);
  expect(await repairUsed(sql)).toEqual([{ number, kept: 1, counted: 6 }]);
  expect(await counts()).toBe("0 used, 6 reserved");
});
