import type { AlarmRule } from "@flashline/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withClient } from "../chaos/postgres-process.ts";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { grantedStation } from "../grants/testing.ts";
import { LINK_FAILURE, lineOf } from "../jobs/testing.ts";
import { VERDICT_LOCK } from "../judging/progress.repository.ts";
import { eventsOf, wrongOf } from "../testing/events.ts";
import { eventually, refusal } from "../testing/refusal.ts";
import type { SeededStation } from "../testing/seed.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import { shiftRunsS } from "./causes/stations.ts";
import { diskWatch } from "./disk.ts";
import { evaluator } from "./evaluate.ts";
import { SOURCES } from "./sources.ts";

let server: TestServer;
let replica: TestServer;
let engineer: TestClient;
let lead: TestClient;
beforeAll(async () => {
  server = await startTestServer();
  replica = await startTestServer({ replicaOf: server });
  engineer = await server.person("engineer");
  lead = await replica.person("operator-lead");
});
afterAll(async () => {
  await replica.close();
  await server.close();
});

const sql = () => server.platform.db.sql;
let made = 0;
const nextSerial = () => {
  made += 1;
  return `SN${70_000 + made}`;
};
const newStation = (nests = 2) => {
  made += 1;
  return server.addStation(`A-${made}`, nests);
};
const UNIT_FAILURE = { outcome: "FAIL", code: "verify.mismatch", blame: "unit", phase: "verify" };
const fail = async (station: SeededStation, nest: string, times: number) => {
  for (let n = 0; n < times; n += 1)
    await lineOf(server, station).flash(nextSerial(), UNIT_FAILURE, nest);
};

/** Looks as both replicas do by themselves every few seconds, and does not wait for them. */
const look = async () => {
  for (const { platform } of [server, replica]) {
    await eventually(
      () => evaluator(platform.db, SOURCES).look(),
      ({ looked }) => looked,
    );
  }
};
/** The same, once what is gone has been gone long enough. */
const settle = async () => {
  await look();
  await sql().execute("UPDATE alarm SET gone_since = gone_since - interval '20 seconds'");
  await look();
};
const alarmsOf = async (rule: AlarmRule, name: string, state: "open" | "all" = "open") => {
  const { body } = await lead("alarms", { query: { rule, state, limit: 200 } });
  return body.filter(({ subject }) => subject.name === name);
};
/** Events of an alarm's whole life, by kind. */
const told = async (id: string) =>
  (await eventsOf(sql(), "alarm.%"))
    .filter(({ subjectId }) => subjectId === id)
    .map(({ kind, who }) => `${kind} ${who}`);
/** Exactly one alarm comes of it, and exactly one end of it when the cause is gone. */
async function once(rule: AlarmRule, name: string, undo: () => Promise<unknown>) {
  await look();
  await look();
  const [alarm, ...more] = await alarmsOf(rule, name, "all");
  if (alarm === undefined) return expect.fail(`no ${rule} of ${name}`);
  expect([more, alarm.recoveredAt, alarm.message.includes("{")]).toEqual([[], null, false]);
  await undo();
  await settle();
  await settle();
  const [over, ...others] = await alarmsOf(rule, name, "all");
  expect([others, over?.recoveredWhy]).toEqual([[], "gone"]);
  expect(await told(alarm.id)).toEqual([
    "alarm.raised system server",
    "alarm.recovered system server",
  ]);
  return alarm;
}

describe("a call for the lead", () => {
  it("is an alarm at once on every replica, once; its station sees who comes, and ends it", async () => {
    const station = await newStation();
    const calls = await Promise.all(
      [server, replica, server, replica, server].map((at) =>
        at.station(station)("callLead", { body: { nest: "A", serial: "SN1", operator: "Olga" } }),
      ),
    );
    expect(calls.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 201]);
    const [first] = calls;
    const id = first?.body.id ?? "";
    const [alarm, ...more] = await alarmsOf("lead.called", `${station.name}/A`);
    expect(more).toEqual([]);
    expect(alarm).toMatchObject({
      id,
      plant: "Graz",
      station: station.name,
      raisedBy: "Olga",
      takenBy: null,
      message: `${station.name}/A calls the lead.`,
      parameters: { nest: "A", serial: "SN1" },
    });
    const call = server.station(station);
    const other = await call("callLead", { body: {} });
    expect(other.status).toBe(201);
    const setupCalls = async () => (await call("setup", {})).body.calls;
    expect((await setupCalls()).map(({ nest, takenBy }) => [nest, takenBy])).toEqual([
      ["A", null],
      [null, null],
    ]);
    const touched = async () => {
      const fresh = await startTestServer({ replicaOf: server, idle: true });
      const { body } = await fresh.station(station)("status", {
        body: { queuedResults: 0, nests: [] },
      });
      await fresh.close();
      return body.setupVersion;
    };
    const before = await touched();
    expect((await lead("takeAlarm", { params: { id }, body: {} })).body.takenBy).toBe(
      "test-operator-lead",
    );
    expect(await touched()).not.toBe(before);
    expect((await setupCalls())[0]).toMatchObject({
      takenBy: "test-operator-lead",
      overdue: false,
    });
    expect((await lead("takeAlarm", { params: { id }, body: {} })).status).toBe(200);
    const take = { params: { id }, body: {} };
    expect(await refusal(engineer("takeAlarm", take))).toBe("409 request.conflict");
    const over = { params: { id }, body: { from: "test-operator-lead" } };
    expect((await engineer("takeAlarm", over)).body.takenBy).toBe("test-engineer");
    expect((await call("endCall", { params: { id } })).body.endedAt).not.toBeNull();
    expect((await call("endCall", { params: { id } })).status).toBe(200);
    expect(await refusal(lead("takeAlarm", take))).toBe("409 request.conflict");
    const stranger = server.station(await newStation());
    expect(await refusal(stranger("endCall", { params: { id: other.body.id } }))).toBe(
      "404 request.not_found",
    );
    const end = { params: { id: other.body.id }, body: { reason: "was there" } };
    expect((await lead("endAlarm", end)).body.recoveredBy).toBe("test-operator-lead");
    expect(await setupCalls()).toEqual([]);
    expect(await told(id)).toEqual([
      `alarm.raised station ${station.name}`,
      "alarm.taken person test-operator-lead",
      "alarm.taken person test-engineer",
      `alarm.recovered station ${station.name}`,
    ]);
  });

  it("says aloud when nobody takes it, once, and ends by itself when it is forgotten", async () => {
    const station = await newStation();
    const { body } = await server.station(station)("callLead", { body: {} });
    await look();
    const now = async () => (await lead("alarm", { params: { id: body.id } })).body;
    expect((await now()).overdueAt).toBeNull();
    const age = (by: string) =>
      sql().execute(`UPDATE alarm SET raised_at = raised_at - interval '${by}' WHERE id = $1`, [
        body.id,
      ]);
    await age("3 minutes");
    await look();
    expect((await now()).overdueAt).not.toBeNull();
    const { body: setup } = await server.station(station)("setup", {});
    expect(setup.calls).toMatchObject([{ overdue: true, answerS: 120 }]);
    await age("8 hours");
    await look();
    expect((await now()).recoveredWhy).toBe("over");
    expect(await told(body.id)).toEqual([
      `alarm.raised station ${station.name}`,
      "alarm.overdue system server",
      "alarm.recovered system server",
    ]);
  });

  it("is for a nest that there is, and no other alarm is ended by hand", async () => {
    const call = server.station(await newStation());
    expect(await refusal(call("callLead", { body: { nest: "Z" } }))).toBe(
      "404 preflight.nest_unknown",
    );
    const params = { rule: "order.low" } as const;
    const set = (body: object) =>
      engineer("setAlarmRule", { params, body: { reason: "trial", ...body } });
    await set({ settings: { share: 1 } });
    await sql().execute("UPDATE work_order SET quantity = used + 5 WHERE number = 'WO-1'");
    await look();
    const [alarm] = await alarmsOf("order.low", "WO-1");
    const end = { params: { id: alarm?.id ?? "" }, body: { reason: "I know" } };
    expect(await refusal(lead("endAlarm", end))).toBe("409 request.conflict");
    await sql().execute("UPDATE work_order SET quantity = 1000 WHERE number = 'WO-1'");
    await settle();
    expect(await alarmsOf("order.low", "WO-1")).toEqual([]);
    await set({ usual: true });
  });
});

describe("units that fail one after the other", () => {
  it("are told of their nest when they are different units, until one passes", async () => {
    const station = await newStation();
    const serial = nextSerial();
    for (let n = 0; n < 3; n += 1) await lineOf(server, station).flash(serial, UNIT_FAILURE, "A");
    await look();
    expect(await alarmsOf("failures.row", `${station.name}/A`)).toEqual([]);
    await fail(station, "A", 2);
    await once("failures.row", `${station.name}/A`, () =>
      lineOf(server, station).flash(nextSerial(), {}, "A"),
    );
  });

  it("come back within moments as the same incident", async () => {
    const station = await newStation();
    await fail(station, "A", 3);
    await look();
    await lineOf(server, station).flash(nextSerial(), {}, "A");
    await look();
    await fail(station, "A", 3);
    await look();
    const name = `${station.name}/A`;
    expect(await alarmsOf("failures.row", name, "all")).toMatchObject([{ recoveredAt: null }]);
    await once("failures.row", name, () =>
      engineer("setHold", {
        body: { target: { kind: "nest", station: station.name, nest: "A" }, reason: "bent pin" },
      }),
    );
  });

  it("are told of the host, and not of its nests too, where several of them have it", async () => {
    const station = await newStation();
    await fail(station, "A", 3);
    await look();
    expect(await alarmsOf("failures.row", `${station.name}/A`)).toHaveLength(1);
    await fail(station, "B", 3);
    await settle();
    expect(await alarmsOf("failures.row", `${station.name}/A`)).toEqual([]);
    expect(await alarmsOf("failures.row", `${station.name}/B`, "all")).toEqual([]);
    await once("failures.row", `${station.name} 0000:00:14.0`, () =>
      lineOf(server, station).flash(nextSerial(), {}, "B"),
    );
  });
});

describe("the other rules raise one alarm and end it", () => {
  it("a yield that is below the limit for sure, until the yield itself is not", async () => {
    const params = { rule: "yield.low" } as const;
    const set = (settings: Record<string, number>) =>
      engineer("setAlarmRule", { params, body: { settings, reason: "trial" } });
    await set({ units: 10, share: 0.95 });
    const station = await newStation();
    await fail(station, "A", 6);
    const alarm = await once("yield.low", "PSU-40", () => set({ share: 0.01 }));
    expect(alarm.parameters).toMatchObject({ units: expect.any(Number) });
    await engineer("setAlarmRule", {
      params,
      body: { usual: true, enabled: false, reason: "end" },
    });
  });

  it("a host that is SUSPECT", async () => {
    const station = await newStation();
    await lineOf(server, station).flash(nextSerial(), LINK_FAILURE, "A");
    const verdict = (is: string) =>
      sql().execute("UPDATE host SET verdict = $2, evidence = 'It loses.' WHERE machine = $1", [
        station.machine,
        is,
      ]);
    await verdict("SUSPECT");
    const alarm = await once("host.suspect", station.name, () => verdict("OK"));
    expect(alarm.message).toBe(`Host ${station.name} is SUSPECT. It loses.`);
  });

  it("a grant that is past its time, while its station keeps places of an open order", async () => {
    const station = await newStation();
    const rules = (hours: number) =>
      engineer("setPlantGrants", { params: { id: "Graz" }, body: { hours, reason: "trial" } });
    await rules(8);
    const number = `WO-K${station.name}`;
    await engineer("addWorkOrder", {
      body: { number, product: "PSU-40", version: "1.0.0", quantity: 9, stations: [station.name] },
    });
    await sql().execute(
      "DELETE FROM station_order o USING work_order w WHERE w.id = o.work_order_id AND o.station_id = $1 AND w.number <> $2",
      [station.id, number],
    );
    const { grant } = await grantedStation(server.station(station), station).grant();
    const over = (by: string) =>
      sql().execute(`UPDATE offline_grant SET until = now() - interval '${by}' WHERE id = $1`, [
        grant.id,
      ]);
    const name = `${station.name} ${number}`;
    await over("59 minutes");
    await look();
    expect(await alarmsOf("grant.kept", name)).toEqual([]);
    await over("61 minutes");
    const alarm = await once("grant.kept", name, () =>
      engineer("endGrant", { params: { id: grant.id }, body: { reason: "the PC burnt" } }),
    );
    expect(alarm).toMatchObject({ station: station.name, parameters: { places: grant.units } });
    await rules(0);
  });

  it("a station that is silent, results that wait at one, a clock that is wrong", async () => {
    const station = await newStation();
    const call = server.station(station);
    const line = lineOf(server, station);
    const ago = (column: string, by: string) =>
      sql().execute(`UPDATE station SET ${column} = now() - interval '${by}' WHERE id = $1`, [
        station.id,
      ]);
    const fresh = async (queuedResults: number) => {
      // Another replica: this one writes down a sign of life every fifteen seconds only.
      const other = await startTestServer({ replicaOf: server, idle: true });
      await other.station(station)("status", { body: { queuedResults, nests: [] } });
      await other.close();
    };
    await call("status", { body: { queuedResults: 4, nests: [] } });
    await ago("last_seen_at", "50 seconds");
    await look();
    expect(await alarmsOf("station.silent", station.name)).toEqual([]);
    await ago("last_seen_at", "70 seconds");
    await once("station.silent", station.name, () => fresh(4));
    await look();
    expect(await alarmsOf("results.waiting", station.name)).toEqual([]);
    await ago("queued_since", "3 minutes");
    // At a busy one some always wait.
    await line.flash(nextSerial(), {}, "A");
    await look();
    expect(await alarmsOf("results.waiting", station.name)).toEqual([]);
    await sql().execute(
      "UPDATE attempt SET received_at = received_at - interval '3 minutes' WHERE station_id = $1",
      [station.id],
    );
    const waiting = await once("results.waiting", station.name, () => fresh(0));
    expect(waiting.parameters).toMatchObject({ results: 4 });
    const told = (seconds: number) => ({
      reportedAt: new Date(Date.now() - seconds * 1_000).toISOString(),
    });
    await line.flash(nextSerial(), told(90), "A");
    const skewed = await once("clock.skew", station.name, async () => {
      await line.flash(nextSerial(), told(40), "A");
      await settle();
      // Not enough to raise one, enough to keep it.
      expect(await alarmsOf("clock.skew", station.name)).toHaveLength(1);
      await line.flash(nextSerial(), told(1), "A");
    });
    expect(skewed.message).toMatch(/ is 9\d s slow\.$/);
  });

  it("a station that runs on another PC than the enrolled one, as long as that one is heard of", async () => {
    const station = await newStation();
    const [own, copy] = ["00000000000000a1", "00000000000000b2"];
    await sql().execute("UPDATE station SET hardware = $2 WHERE id = $1", [station.id, [own]]);
    const from = (...hardware: string[]) =>
      server.station(station)("status", { body: { queuedResults: 0, nests: [], hardware } });
    await from(own);
    await from(own, copy);
    await from();
    await look();
    expect(await alarmsOf("station.elsewhere", station.name)).toEqual([]);
    // Both take themselves for the station, within one interval of notes.
    await from(copy);
    await from(own);
    const told = await once("station.elsewhere", station.name, async () => {
      await from(own);
      await sql().execute(
        "UPDATE station SET elsewhere_at = elsewhere_at - interval '11 minutes' WHERE id = $1",
        [station.id],
      );
    });
    expect(told.message).toContain(`${station.name} runs on another PC`);
  });

  it("results that contradict their jobs", async () => {
    const station = await newStation();
    await lineOf(server, station).flash(nextSerial(), { keyId: "0".repeat(16) }, "A");
    const alarm = await once("result.contradicted", station.name, async () => {
      const all = { hours: 1 };
      await engineer("setAlarmRule", {
        params: { rule: "result.contradicted" },
        body: { settings: all, reason: "trial" },
      });
      const db = server.platform.db;
      // Time is not waited for, and the ledger cannot be changed: the station is another one instead.
      await db.sql.execute("UPDATE station SET name = name || '-old' WHERE id = $1", [station.id]);
    });
    expect(alarm.parameters).toMatchObject({ results: 1 });
  });

  it("numbers that run out, a release that expires", async () => {
    const { productId, releaseId } = server.seed;
    await sql().execute(
      `INSERT INTO number_range (id, product_id, name, kind, first, last, next, created_by)
       VALUES (gen_random_uuid(), $1, 'mac', 'counter', 1, 1000, 901, 'test')`,
      [productId],
    );
    const numbers = await once("numbers.low", "PSU-40 mac", () =>
      sql().execute("UPDATE number_range SET last = 100000"),
    );
    expect(numbers.parameters).toEqual({ left: 100 });
    const expires = (at: string) =>
      sql().execute(`UPDATE release SET expires_at = now() + interval '${at}' WHERE id = $1`, [
        releaseId,
      ]);
    await expires("3 days");
    const release = await once("release.expiring", "PSU-40 1.0.0", () => expires("30 days"));
    expect(release.parameters).toMatchObject({ order: "WO-1" });
  });

  it("a verdict that does not go on", async () => {
    // A second that no server can take it in: who holds this lock is at it.
    await withClient(server.database.url, async (client) => {
      const stop = () => client.query("SELECT pg_advisory_lock($1)", [VERDICT_LOCK]);
      const goOn = () => client.query("SELECT pg_advisory_unlock($1)", [VERDICT_LOCK]);
      const happened = async (ago: string) => {
        await client.query(
          `INSERT INTO ledger_open (at, kind, version, who_kind, door, plant_id, subject_kind, subject_id, subject_name, data)
           SELECT now() - $1::interval, kind, version, who_kind, door, plant_id, subject_kind, subject_id, subject_name, data
             FROM ledger WHERE kind = 'attempt.finished' LIMIT 1`,
          [ago],
        );
        await eventually(
          () => sql().query("SELECT FROM ledger_open"),
          (rows) => rows.length === 0,
        );
      };
      await stop();
      await happened("1 hour");
      // Up to that event, whatever other tests wrote just before it.
      await client.query(
        `UPDATE verdict_progress SET worked_at = now() - interval '1 hour',
                position = (SELECT max(position) FROM ledger WHERE at < now() - interval '30 minutes') - 1`,
      );
      const alarm = await once("verdict.behind", "verdict on hosts", async () => {
        await goOn();
        await eventually(
          () =>
            sql().query(
              `SELECT FROM verdict_progress WHERE position < (SELECT max(position) FROM ledger)`,
            ),
          (rows) => rows.length === 0,
        );
        // In a plant at work the next result is there before one looks.
        await stop();
        await happened("0 seconds");
      });
      await goOn();
      expect(alarm.message).toMatch(
        /^The verdict on hosts has read nothing of what happened since 2/,
      );
    });
  });

  it("a disk that is nearly full, by the replica that it is of", async () => {
    const GB = 1e9;
    let free = 100 * GB;
    const disk = diskWatch(server.platform.db, "/srv/flashline", () =>
      Promise.resolve({ free, size: 500 * GB }),
    );
    expect(await disk.look()).toEqual([]);
    free = 12 * GB;
    const [id = ""] = await disk.look();
    const { body } = await lead("alarm", { params: { id } });
    expect([body.rule, body.parameters]).toEqual(["disk.low", { freeGb: 12, percent: 2.4 }]);
    expect(await disk.look()).toEqual([]);
    // A little room is not enough: it would be used up at once.
    free = 21 * GB;
    const again = diskWatch(server.platform.db, "/srv/flashline", () =>
      Promise.resolve({ free, size: 500 * GB }),
    );
    expect(await again.look()).toEqual([]);
    free = 90 * GB;
    const later = diskWatch(server.platform.db, "/srv/flashline", () =>
      Promise.resolve({ free, size: 500 * GB }),
    );
    expect(await later.look()).toEqual([id]);
    expect(await told(id)).toEqual(["alarm.raised system server", "alarm.recovered system server"]);
  });
});

describe("a rule", () => {
  it("is set by plant, within its bounds, with its event; off it ends what is open", async () => {
    const params = { rule: "failures.row" } as const;
    const set = (body: object, call = engineer) =>
      call("setAlarmRule", { params, body: { reason: "trial", ...body } });
    expect((await set({ settings: { nest: 2 } })).body).toMatchObject({
      plant: "Graz",
      enabled: true,
      changedBy: "test-engineer",
      settings: { nest: 2, host: 4 },
    });
    const station = await newStation();
    await fail(station, "A", 2);
    await look();
    const [alarm] = await alarmsOf("failures.row", `${station.name}/A`);
    await set({ enabled: false });
    await look();
    const { body: over } = await lead("alarm", { params: { id: alarm?.id ?? "" } });
    expect(over.recoveredWhy).toBe("off");
    expect((await set({ usual: true })).body).toMatchObject({
      enabled: true,
      settings: { nest: 3 },
    });
    expect(await refusal(set({ settings: { nest: 1 } }))).toBe("400 request.invalid");
    expect(await refusal(set({ settings: { nets: 3 } }))).toBe("400 request.invalid");
    expect(await refusal(set({ plant: "Nowhere", enabled: true }))).toBe("400 request.invalid");
    // An empty list would read as if nothing were wrong there.
    expect(await refusal(lead("alarms", { query: { plant: "Nowhere" } }))).toBe(
      "404 request.not_found",
    );
    expect(await refusal(set({}))).toBe("400 request.invalid");
    expect(await refusal(set({ enabled: true }, await server.person("operator-lead")))).toBe(
      "403 auth.forbidden",
    );
    const events = await eventsOf(sql(), "alarm.rule-changed");
    expect(events.filter(({ subjectId }) => subjectId === params.rule)).toMatchObject([
      { before: { nest: 3 }, after: { nest: 2 }, reason: "trial" },
      { before: { enabled: true }, after: { enabled: false } },
      { before: { enabled: false, nest: 2 }, after: { enabled: true, nest: 3 } },
    ]);
    expect(wrongOf(await eventsOf(sql(), "alarm.%"))).toEqual([]);
  });
});

describe("looking for causes", () => {
  it("leaves alone what a newer replica raised by a rule that this one does not know", async () => {
    const id = "0199f6a2-7d0a-7c11-9a54-0c4f6e2b1d77";
    await sql().execute(
      `INSERT INTO alarm (id, rule, scope, subject_kind, subject_id, subject_name, raised_by)
       VALUES ($1, 'volcano.near', '00000000-0000-0000-0000-000000000000', 'server', 'v', 'Etna', 'system server')`,
      [id],
    );
    await settle();
    expect((await lead("alarm", { params: { id } })).body).toMatchObject({
      recoveredAt: null,
      message: "volcano.near: Etna",
    });
  });

  it("costs one statement while nothing happens", async () => {
    // Of its own: elsewhere servers look too, one at a time, and something always happens.
    const quiet = await startTestServer({ idle: true });
    const { db } = quiet.platform;
    let statements = 0;
    const counted = (tx: Sql): Sql => ({
      ...tx,
      rows(...args) {
        statements += 1;
        return tx.rows(...args);
      },
      row(...args) {
        statements += 1;
        return tx.row(...args);
      },
    });
    const watched = {
      ...db,
      transaction: (work) => db.transaction((tx) => work(counted(tx))),
    } as Database;
    let now = 1_000_000;
    const { look: again } = evaluator(watched, SOURCES, () => now);
    await again();
    expect(statements).toBeGreaterThan(5);
    now += 61_000;
    await again();
    statements = 0;
    now += 1_000;
    await again();
    expect(statements).toBe(1);
    await quiet.close();
  });
});

it("a shift runs over midnight, and without shifts it is always one", () => {
  const shifts = [
    { start: "06:00", end: "14:00" },
    { start: "22:00", end: "06:00" },
  ];
  const at = (clock: string) => {
    const [hours = 0, minutes = 0] = clock.split(":").map(Number);
    return shiftRunsS(shifts, hours * 3_600 + minutes * 60);
  };
  expect([at("06:01"), at("13:59"), at("14:00"), at("21:59"), at("22:05"), at("05:00")]).toEqual([
    60,
    28_740,
    null,
    null,
    300,
    25_200,
  ]);
  expect(shiftRunsS([], 5)).toBe(Number.POSITIVE_INFINITY);
});
