import type { Overridable } from "@flashline/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lineOf } from "../jobs/testing.ts";
import { eventsOf } from "../testing/events.ts";
import { refusal } from "../testing/refusal.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";

let server: TestServer;
let admin: TestClient;
let engineer: TestClient;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.person("admin");
  engineer = await server.person("engineer");
  for (const [name, role, badge] of [
    ["olaf", "operator", "OLAF-0001"],
    ["mia", "operator-lead", "MIA-0001"],
    ["ines", "engineer", "INES-0001"],
  ] as const) {
    await admin("addPerson", { body: { name, role, plant: null } });
    await admin("giveBadge", { params: { id: name }, body: { content: badge, reason: "first" } });
  }
});
afterAll(() => server.close());

const FAILED = { outcome: "FAIL", code: "protection.read", blame: "unit" } as const;

async function codeFor(serial: string, nest = "A"): Promise<string> {
  const { body } = await lineOf(server).call("preflight", { body: { serial, nest } });
  return body.go ? "go" : body.code;
}
const allow = (serial: string, code: Overridable, badge = "MIA-0001", nest = "A") =>
  server.station()("overrideRefusal", {
    body: { serial, nest, code, badge, reason: "Repaired" },
  });
async function hold(target: { serial: string } | { batch: string }): Promise<void> {
  const kind = "serial" in target ? ("unit" as const) : ("batch" as const);
  const body =
    kind === "unit"
      ? { target: { kind, serial: "serial" in target ? target.serial : "" }, reason: "scratched" }
      : {
          target: { kind, product: "PSU-40", batch: "batch" in target ? target.batch : "" },
          reason: "wet boards",
        };
  await engineer("setHold", { body: body as never });
}
const addUnit = (serial: string, batch?: string) =>
  engineer("addUnits", {
    body: { product: "PSU-40", serials: [serial], ...(batch === undefined ? {} : { batch }) },
  });

test("a lead's badge lets a unit that failed too often be tried once more, in the lead's name", async () => {
  const serial = "SN7001";
  for (let i = 0; i < 3; i += 1) await lineOf(server).flash(serial, { ...FAILED });
  expect(await codeFor(serial)).toBe("preflight.retest_limit");
  const code = "preflight.retest_limit";
  expect(await refusal(allow(serial, code, "OLAF-0001"))).toBe("403 override.not_allowed");
  expect(await refusal(allow(serial, code, "NOBODY-1"))).toBe("404 badge.unknown");
  const answer = await allow(serial, code);
  expect([answer.status, answer.body]).toEqual([201, { name: "mia" }]);
  expect(await codeFor(serial)).toBe("go");
  // The answer was lost, and the station asks again: nothing is in the way any more.
  expect(await refusal(allow(serial, code))).toBe("409 override.other_refusal");
  await lineOf(server).flash(serial, { ...FAILED });
  expect(await codeFor(serial)).toBe("preflight.retest_limit");
  const [event] = (await eventsOf(server.platform.db.sql, "unit.retest-allowed")).slice(-1);
  expect(event).toMatchObject({
    who: "person mia",
    reason: "Repaired",
    data: { failures: 3, station: server.seed.station.name, nest: "A" },
  });
});

test("a unit on hold goes on once, while the hold stays", async () => {
  const serial = "SN7010";
  await addUnit(serial);
  await hold({ serial });
  expect(await codeFor(serial)).toBe("preflight.unit_held");
  expect(await refusal(allow(serial, "preflight.retest_limit"))).toBe("409 override.other_refusal");
  await allow(serial, "preflight.unit_held");
  expect(await codeFor(serial)).toBe("go");
  // All the way: order, offer, fetch and start look at holds themselves.
  await lineOf(server).flash(serial, { ...FAILED });
  expect(await codeFor(serial)).toBe("preflight.unit_held");
  const { body } = await engineer("holds", { query: { kind: "unit" } });
  expect(body.filter(({ liftedAt }) => liftedAt === null)).toHaveLength(1);
  const events = await eventsOf(server.platform.db.sql, "unit.hold-overridden");
  expect(events.map(({ who, reason }) => [who, reason])).toEqual([["person mia", "Repaired"]]);
});

test("a hold that comes after it stops the unit all the same, and so does time", async () => {
  const serial = "SN7020";
  await addUnit(serial);
  await hold({ serial });
  await allow(serial, "preflight.unit_held");
  const { sql } = server.platform.db;
  await sql.execute("UPDATE hold SET set_at = now() WHERE name LIKE '%' || $1", [serial]);
  expect(await codeFor(serial)).toBe("preflight.unit_held");
  await allow(serial, "preflight.unit_held");
  expect(await codeFor(serial)).toBe("go");
  await sql.execute(
    "UPDATE hold SET set_at = set_at - interval '1 hour' WHERE name LIKE '%' || $1",
    [serial],
  );
  await sql.execute(
    "UPDATE rework SET at = at - interval '16 minutes' WHERE kind = 'hold-override'",
  );
  expect(await codeFor(serial)).toBe("preflight.unit_held");
});

test("a batch on hold is an engineer's to decide, and only the unit goes on that was shown", async () => {
  await addUnit("SN7030", "B-7");
  await addUnit("SN7031", "B-7");
  await hold({ batch: "B-7" });
  const code = "preflight.batch_held";
  expect(await refusal(allow("SN7030", code))).toBe("403 override.not_allowed");
  await allow("SN7030", code, "INES-0001");
  expect(await codeFor("SN7030")).toBe("go");
  expect(await codeFor("SN7031")).toBe(code);
});

test("whoever may not see the unit's refusal cannot set it aside: a closed nest, a scrapped unit", async () => {
  const serial = "SN7040";
  for (let i = 0; i < 3; i += 1) await lineOf(server).flash(serial, { ...FAILED });
  await engineer("setHold", {
    body: { target: { kind: "nest", station: server.seed.station.name, nest: "D" }, reason: "pin" },
  });
  const code = "preflight.retest_limit";
  expect(await refusal(allow(serial, code, "MIA-0001", "D"))).toBe("409 override.other_refusal");
  const { body } = await engineer("units", { query: { search: serial } });
  const params = { id: body[0]?.id ?? "" };
  await engineer("scrapUnit", { params, body: { reason: "burnt" } });
  expect(await refusal(allow(serial, code))).toBe("409 override.other_refusal");
});

test("a station that tries many badges is slowed down", async () => {
  const tries = Array.from({ length: 70 }, (_, at) =>
    refusal(allow("SN7001", "preflight.retest_limit", `GUESS-${at}`)),
  );
  expect(new Set(await Promise.all(tries))).toContain("429 request.rate_limited");
});
