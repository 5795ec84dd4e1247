import { afterAll, beforeAll, expect, test } from "vitest";
import { lineOf } from "../../jobs/testing.ts";
import { refusal } from "../../testing/refusal.ts";
import { startTestServer, type TestClient, type TestServer } from "../../testing/server.ts";
import { pastResults } from "./repository.ts";

const FAILURE = { outcome: "FAIL", code: "verify.mismatch", blame: "unit", phase: "verify" };

let server: TestServer;
let engineer: TestClient;
beforeAll(async () => {
  server = await startTestServer();
  engineer = await server.person("engineer");
  const station = await server.addStation("T-1", 2);
  const line = await lineOf(server, station);
  for (const serial of ["SN81001", "SN81002", "SN81003"]) await line.flash(serial, FAILURE, "A");
  await line.flash("SN81004", undefined, "A");
});
afterAll(() => server.close());

const tryRule = async (settings: Record<string, number>, rule = "failures.row" as const) =>
  (await engineer("tryAlarmRule", { params: { rule }, body: { settings } })).body;

test("a rule is tried on results that are there, with settings that are only thought of", async () => {
  const three = await tryRule({ nest: 3 });
  expect(three).toMatchObject({ rule: "failures.row", would: 1, settings: { nest: 3, host: 4 } });
  expect(three.alarms).toMatchObject([
    {
      subject: { kind: "nest", name: "T-1/A" },
      message: "3 units failed one after the other at T-1/A.",
    },
  ]);
  expect(three.alarms[0]?.until).not.toBeNull();
  expect(await tryRule({ nest: 4 })).toMatchObject({ would: 0, alarms: [] });
  const rules = (await engineer("alarmRules", {})).body;
  expect(rules.find(({ rule }) => rule === "failures.row")?.settings).toMatchObject({ nest: 3 });
});

test("a rule that looks at what is not kept says so", async () => {
  const params = { rule: "station.silent" } as const;
  const { body } = await engineer("tryAlarmRule", { params, body: {} });
  expect(body).toMatchObject({ would: null, alarms: [], raised: 0 });
});

test("settings beyond their bounds are refused as when the rule is set", async () => {
  const of = (settings: Record<string, number>) =>
    refusal(engineer("tryAlarmRule", { params: { rule: "failures.row" }, body: { settings } }));
  expect(await of({ nest: 1 })).toBe("400 request.invalid");
  expect(await of({ nets: 3 })).toBe("400 request.invalid");
});

test("of more results than are read the latest are, in the order in which they came", async () => {
  const { sql } = server.platform.db;
  const now = new Date(Date.now() + 1_000);
  const from = new Date(now.getTime() - 3_600_000);
  const { results, isCut } = await pastResults(sql, server.seed.plantId, from, now);
  expect(isCut).toBe(false);
  expect(results.map(({ serial }) => serial)).toEqual([
    ...["SN81001", "SN81002", "SN81003", "SN81004"],
  ]);
  expect(results.at(-1)?.outcome).toBe("PASS");
});
