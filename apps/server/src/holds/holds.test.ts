import { HOLD_ACCESS, HOLD_KINDS, type HoldTarget, Role } from "@flashline/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeOf, fingerprint, lineOf, resultOf, stateOf } from "../jobs/testing.ts";
import { eventsOf } from "../testing/events.ts";
import { eventually, refusal } from "../testing/refusal.ts";
import { type SeededStation, seedStation } from "../testing/seed.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";

let server: TestServer;
let replica: TestServer;
let engineer: TestClient;
beforeAll(async () => {
  server = await startTestServer();
  replica = await startTestServer({ replicaOf: server });
  engineer = await server.person("engineer");
});
afterAll(async () => {
  await replica.close();
  await server.close();
});

let made = 0;
const next = () => {
  made += 1;
  return made;
};
const nextSerial = () => `SN${9000 + next()}`;
const newStation = (nests = 2) => server.addStation(`H-${next()}`, nests);
const set = (target: HoldTarget, reason = "looks bad", call = engineer) =>
  call("setHold", { body: { target, reason } });
const lift = (target: HoldTarget, reason = "looks good", call = engineer) =>
  call("liftHold", { body: { target, reason } });

async function preflight(at: TestServer, station: SeededStation, serial: string, nest = "A") {
  const { body } = await lineOf(at, station).call("preflight", { body: { serial, nest } });
  return body.go ? "go" : body.code;
}

/** A hold of each kind that concerns nest A of a new station and a unit there, with the code that it refuses with. */
async function targetsOf(station: SeededStation, serial: string) {
  const { sql } = server.platform.db;
  await lineOf(server, station).flash(nextSerial(), {}, "A");
  await engineer("addUnits", {
    body: { product: "PSU-40", batch: `LOT-${serial}`, serials: [serial] },
  });
  const [host] = await sql.query<{ id: string }>("SELECT id FROM host WHERE machine = $1", [
    station.machine,
  ]);
  return [
    ["preflight.host_quarantined", { kind: "host", host: host?.id ?? "" }],
    ["preflight.nest_off", { kind: "nest", station: station.name, nest: "A" }],
    ["preflight.station_paused", { kind: "station", station: station.name }],
    ["preflight.line_paused", { kind: "line", line: "L3", plant: "Graz" }],
    ["preflight.unit_held", { kind: "unit", serial: serial.toLowerCase() }],
    ["preflight.batch_held", { kind: "batch", product: "PSU-40", batch: `LOT-${serial}` }],
  ] as const satisfies readonly (readonly [string, HoldTarget])[];
}

describe("a hold", () => {
  it("of each kind refuses at once on every replica, at scan, order and start, and lets go when it is lifted", async () => {
    const station = await newStation();
    const serial = nextSerial();
    for (const [code, target] of await targetsOf(station, serial)) {
      const job = await lineOf(server, station).lease(serial);
      expect((await set(target)).status, code).toBe(201);
      // Nothing is waited for between the hold and what it refuses: it holds at the very next request.
      // Fetched and not started: refused at the start.
      expect(await codeOf(lineOf(replica, station).start(job)), code).toBe(code);
      const call = lineOf(server, station).call;
      await call("cancelJob", {
        params: { id: job.jobId },
        body: { epoch: job.epoch, code, message: "held" },
      });
      expect(await preflight(server, station, serial), code).toBe(code);
      expect(await preflight(replica, station, serial), code).toBe(code);
      expect(await codeOf(lineOf(replica, station).order(serial)), code).toBe(code);
      expect((await lift(target)).body).toMatchObject({ liftedBy: "test-engineer" });
      expect(await preflight(replica, station, serial), code).toBe("go");
    }
  });

  it("calls off what waits, with its reason, and lets units in work finish and count", async () => {
    const station = await newStation();
    const line = lineOf(server, station);
    const running = await line.start(await line.lease(nextSerial(), "A"));
    const waiting = nextSerial();
    const jobId = await line.order(waiting, "B");
    await eventually(
      () => stateOf(server, jobId),
      (state) => state === "OFFERED",
    );
    const target = { kind: "station", station: station.name } as const;
    const { body } = await set(target, "fixture is loose");
    expect(body.effect).toMatchObject({
      name: station.name,
      stations: [station.name],
      nests: [
        { station: station.name, nest: "A" },
        { station: station.name, nest: "B" },
      ],
      finishing: [{ station: station.name, nest: "A" }],
      calledOff: [{ station: station.name, nest: "B", serial: waiting }],
    });
    expect(await stateOf(server, jobId)).toBe("CANCELLED");
    expect(await lineOf(replica, station).acquire("B", 0)).toBeNull();
    const [told] = (await eventsOf(server.platform.db.sql, "job.cancelled")).filter(
      ({ subjectId }) => subjectId === jobId,
    );
    expect(told).toMatchObject({
      reason: "fixture is loose",
      data: { code: "preflight.station_paused" },
    });
    const renewed = await line.call("renew", {
      params: { id: running.job.jobId },
      body: { epoch: running.job.epoch },
    });
    expect(renewed.body.cancel).toBe(false);
    expect((await line.report(running, resultOf(running))).body).toEqual({
      late: false,
      jobState: "PASSED",
    });
    await lift(target);
  });

  it("that comes while jobs are ordered, offered and fetched lets none of them start", async () => {
    const stations = await Promise.all(Array.from({ length: 6 }, () => newStation(1)));
    const line = { kind: "line", line: "L3" } as const;
    const starts = stations.map(async (station, i) => {
      const at = lineOf(i % 2 === 0 ? server : replica, station);
      const job = await at.order(nextSerial()).then(
        () => at.acquire("A", 2_000),
        () => null,
      );
      return { at, job };
    });
    await set(line, "smoke");
    const began = await server.platform.db.sql.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM job WHERE state = 'RUNNING'",
    );
    for (const { at, job } of await Promise.all(starts)) {
      if (job !== null) expect(await codeOf(at.start(job))).toBe("preflight.line_paused");
    }
    const open = () =>
      server.platform.db.sql.query(
        "SELECT state FROM job WHERE state IN ('QUEUED', 'OFFERED', 'RUNNING') AND station_id = ANY($1::uuid[])",
        [stations.map(({ id }) => id)],
      );
    expect(await eventually(open, (rows) => rows.length === 0)).toEqual([]);
    expect(began).toHaveLength(1);
    await lift(line);
  });

  it("is set once: the same again is no error, another one is refused, and history stays", async () => {
    const station = await newStation();
    const target = { kind: "nest", station: station.name, nest: "B" } as const;
    const first = await set(target, "bent pin");
    const again = await set(target, "bent pin");
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body.hold.id).toBe(first.body.hold.id);
    expect(await refusal(set(target, "other reason"))).toBe("409 request.conflict");
    const lead = await server.person("operator-lead");
    expect(await refusal(set(target, "bent pin", lead))).toBe("409 request.conflict");
    await lift(target, "new pin", lead);
    expect((await lift(target, "new pin", lead)).body.liftReason).toBe("new pin");
    expect(await refusal(lift(target, "no reason"))).toBe("409 request.conflict");
    const both = await Promise.all(
      [server, replica].map(async (at) => {
        const call = await at.person("engineer");
        return (await set(target, "again", call)).status;
      }),
    );
    expect(both.toSorted()).toEqual([200, 201]);
    const query = { ...target, state: "all" } as const;
    const { body: history } = await engineer("holds", { query });
    expect(history.map(({ reason, liftReason }) => [reason, liftReason])).toEqual([
      ["again", null],
      ["bent pin", "new pin"],
    ]);
    const stale = { target, reason: "late", hold: first.body.hold.id };
    expect(await refusal(engineer("liftHold", { body: stale }))).toBe("409 request.conflict");
    await lift(target);
    const events = (await eventsOf(server.platform.db.sql, "nest.%")).filter(
      ({ subjectName }) => subjectName === `${station.name}/B`,
    );
    expect(events.map(({ kind, reason, who }) => [kind, reason, who])).toEqual([
      ["nest.off", "bent pin", "person test-engineer"],
      ["nest.on", "new pin", "person test-operator-lead"],
      ["nest.off", "again", "person test-engineer"],
      ["nest.on", "looks good", "person test-engineer"],
    ]);
  });

  it("shows at its station, on every replica, and ends the station's wait so that its agent asks", async () => {
    const station = await newStation();
    const status = { body: { queuedResults: 0, nests: [] } };
    const version = async (at: TestServer) =>
      (await at.station(station)("status", status)).body.setupVersion;
    const before = await version(replica);
    const asked = new Promise((resolve) => {
      replica.platform.bus.subscribe(`station.${station.id}`, resolve);
    });
    const waiting = lineOf(replica, station).call("acquire", {
      body: { freeNests: ["A"], waitMs: 20_000 },
    });
    await asked;
    const target = { kind: "nest", station: station.name, nest: "A" } as const;
    const began = Date.now();
    await set(target, "bent pin");
    expect((await waiting).status).toBe(204);
    await eventually(
      () => version(replica),
      (now) => now !== before,
    );
    // Woken by the hold: its own time was not half over.
    expect(Date.now() - began).toBeLessThan(10_000);
    const { nests } = (await replica.station(station)("setup", {})).body;
    const hold = { kind: "nest", code: "preflight.nest_off", reason: "bent pin" };
    expect(nests[0]).toMatchObject({ name: "A", enabled: false, hold });
    expect(nests[1]).toEqual({ name: "B", portPath: "1-2", enabled: true });
    const { body } = await (await replica.person("operator-lead"))("stations", {});
    const shown = body.find(({ name }) => name === station.name);
    expect(shown?.nests[0]).toMatchObject({ state: "off", hold });
    await lift(target);
  });

  it("previews what it would do, and changes nothing", async () => {
    const order = { number: "WO-H", product: "PSU-40", version: "1.0.0", quantity: 7 };
    const idle = (nests: number) =>
      seedStation(server.platform, server.seed.lineId, `H-${next()}`, nests, null);
    const [one, two] = [await idle(1), await idle(2)];
    await engineer("addWorkOrder", { body: { ...order, stations: [one.name, two.name] } });
    const preview = async (query: HoldTarget) => (await engineer("previewHold", { query })).body;
    const first = await preview({ kind: "station", station: one.name });
    expect(first).toMatchObject({ stations: [one.name], remaining: [two.name], orders: [] });
    expect(first.hold).toBeNull();
    expect(await preview({ kind: "nest", station: two.name, nest: "A" })).toMatchObject({
      stations: [],
      nests: [{ station: two.name, nest: "A" }],
      remaining: [one.name, two.name],
    });
    await set({ kind: "station", station: one.name });
    const second = await preview({ kind: "station", station: two.name });
    expect(second.orders).toEqual([{ number: "WO-H", left: 7 }]);
    // Nothing stops there that another hold does not stop anyway.
    expect((await preview({ kind: "nest", station: one.name, nest: "A" })).nests).toEqual([]);
    await lift({ kind: "station", station: one.name });
    await engineer("addUnits", {
      body: { product: "PSU-40", batch: "LOT-P", serials: [nextSerial(), nextSerial()] },
    });
    const batch = { kind: "batch", product: "PSU-40", batch: "LOT-P" } as const;
    expect(await preview(batch)).toMatchObject({ name: "PSU-40 LOT-P", units: 2, nests: [] });
    expect((await engineer("holds", { query: batch })).body).toEqual([]);
  });

  it("names what does not exist, and what is not named in full", async () => {
    expect(await refusal(set({ kind: "nest", station: "H-1", nest: "Z" }))).toBe(
      "404 request.not_found",
    );
    expect(await refusal(lift({ kind: "station", station: "L3-01" }))).toBe(
      "404 request.not_found",
    );
    await engineer("addPlant", { body: { name: "Linz", timeZone: "Europe/Vienna" } });
    await engineer("addLine", { body: { name: "L3", plant: "Linz" } });
    expect(await refusal(set({ kind: "line", line: "L3" }))).toBe("409 request.conflict");
    expect(await refusal(engineer("previewHold", { query: { kind: "nest", nest: "A" } }))).toBe(
      "400 request.invalid",
    );
    expect(await refusal(set({ kind: "station", station: "L3-01" }, "  "))).toBe(
      "400 request.invalid",
    );
  });

  it("is set and lifted by whom the contract's table names, and by nobody else", async () => {
    const targets: Readonly<Record<(typeof HOLD_KINDS)[number], HoldTarget>> = {
      host: { kind: "host", host: "nobody's" },
      nest: { kind: "nest", station: "nobody's", nest: "A" },
      station: { kind: "station", station: "nobody's" },
      line: { kind: "line", line: "nobody's" },
      unit: { kind: "unit", serial: "nobody's" },
      batch: { kind: "batch", product: "nobody's", batch: "A" },
    };
    const roles = Object.values(Role);
    const scopes = ["read", "stations:write", "orders:write", "releases:publish"] as const;
    const callers = [
      ...(await Promise.all(
        roles.map(async (role) => ({
          call: await server.person(role),
          may: (kind: keyof typeof targets) =>
            (HOLD_ACCESS[kind].roles as readonly string[]).includes(role),
        })),
      )),
      ...(await Promise.all(
        scopes.map(async (scope) => ({
          call: await server.token(scope),
          may: (kind: keyof typeof targets) =>
            (HOLD_ACCESS[kind].scopes as readonly string[]).includes(scope),
        })),
      )),
    ];
    for (const { call, may } of callers) {
      for (const kind of HOLD_KINDS) {
        const expected = may(kind) ? "404 request.not_found" : "403 auth.forbidden";
        expect(await refusal(set(targets[kind], "looks bad", call)), kind).toBe(expected);
        expect(await refusal(lift(targets[kind], "looks good", call)), kind).toBe(expected);
      }
    }
    expect(await refusal(set(targets.nest, "looks bad", server.station() as TestClient))).toBe(
      "403 auth.forbidden",
    );
  });
});

it("a station with another controller behind a nest goes on there when a host is quarantined", async () => {
  const station = await newStation();
  const line = lineOf(server, station);
  await line.flash(nextSerial(), {}, "A");
  await line.flash(nextSerial(), {}, "B", {
    pciAddress: "0000:03:00.0",
    vendorDevice: "1b21:3042",
  });
  const { body } = await engineer("hosts", {});
  const host = body.hosts.find(
    ({ machine, controller }) => machine === station.machine && controller === "1b21:3042",
  );
  const target = { kind: "host", host: host?.name ?? "" } as const;
  expect(await refusal(set({ kind: "host", host: station.name }))).toBe("409 request.conflict");
  expect((await set(target, "loses the link")).body.effect.nests).toEqual([
    { station: station.name, nest: "B" },
  ]);
  expect(await preflight(server, station, nextSerial(), "A")).toBe("go");
  expect(await preflight(server, station, nextSerial(), "B")).toBe("preflight.host_quarantined");
  // Moved to the quarantined controller: the start tells it by the fingerprint.
  const job = await line.lease(nextSerial(), "A");
  const moved = fingerprint(station, "A", {
    pciAddress: "0000:03:00.0",
    vendorDevice: "1b21:3042",
  });
  expect(await codeOf(line.start(job, moved))).toBe("preflight.host_quarantined");
  await lift(target);
});
