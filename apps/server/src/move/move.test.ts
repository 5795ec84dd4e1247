import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lineOf, resultOf } from "../jobs/testing.ts";
import { eventsOf } from "../testing/events.ts";
import { onOneDay } from "../testing/midnight.ts";
import { refusal } from "../testing/refusal.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";

let server: TestServer;
let engineer: TestClient;
onOneDay();
beforeAll(async () => {
  server = await startTestServer();
  engineer = await server.person("engineer");
  await engineer("addPlant", { body: { name: "Wels", timeZone: "Europe/Vienna" } });
  await engineer("addLine", { body: { name: "L4", plant: "Graz" } });
  await engineer("addLine", { body: { name: "W1", plant: "Wels" } });
});
afterAll(() => server.close());

const moveTo = (id: string, line: string, more: { plant?: string; orders?: "keep" } = {}) =>
  engineer("moveStation", { params: { id }, body: { line, reason: "rebuilt", ...more } });
const stationNow = async (name: string) =>
  (await engineer("stations", {})).body.find((station) => station.name === name);
const lineNamed = async (name: string) =>
  (await engineer("lines", { query: { state: "all" } })).body.find((line) => line.name === name);
const madeAt = async (line: string) =>
  (await engineer("yield", { query: { line, window: "today" } })).body.unitsPassed;
const serialsAt = async (line: string) =>
  (await engineer("attempts", { query: { line } })).body.map(({ serial }) => serial).sort();

describe("a station that is moved", () => {
  test("leaves what it made at the old line, and makes more at the new one", async () => {
    const station = await server.addStation("L3-60");
    const line = lineOf(server, station);
    await line.flash("SN6001");
    const preview = await engineer("previewMove", {
      params: { id: "L3-60" },
      query: { line: "L4" },
    });
    expect(preview.body).toEqual({
      station: "L3-60",
      from: { plant: "Graz", line: "L3" },
      to: { plant: "Graz", line: "L4" },
      orders: [{ number: "WO-1", product: "PSU-40", inWork: 0 }],
      hold: null,
    });
    expect((await stationNow("L3-60"))?.line).toBe("L3");
    expect((await moveTo("L3-60", "L4", { orders: "keep" })).body).toEqual(preview.body);
    expect(await stationNow("L3-60")).toMatchObject({ line: "L4", workOrder: "WO-1" });
    await line.flash("SN6002");
    expect([await serialsAt("L3"), await serialsAt("L4")]).toEqual([["SN6001"], ["SN6002"]]);
    expect([await madeAt("L3"), await madeAt("L4")]).toEqual([1, 1]);
    const { body } = await engineer("yield", { query: { window: "today", by: "line" } });
    expect(body.groups?.map(({ name, attemptYield }) => [name, attemptYield.n])).toEqual([
      ["Graz/L3", 1],
      ["Graz/L4", 1],
    ]);
    const events = await eventsOf(server.platform.db.sql, "station.moved");
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      subjectName: "L3-60",
      reason: "rebuilt",
      data: { takenOff: [] },
      before: { plant: "Graz", line: "L3" },
      after: { plant: "Graz", line: "L4" },
    });
  });

  test("leaves its orders too, finishes its unit, and to where it stands is no move", async () => {
    const station = await server.addStation("L3-61");
    const line = lineOf(server, station);
    const attempt = await line.start(await line.lease("SN6101"));
    const moved = await moveTo("L3-61", "W1");
    expect(moved.body.orders).toEqual([{ number: "WO-1", product: "PSU-40", inWork: 1 }]);
    expect(await stationNow("L3-61")).toMatchObject({ line: "W1", plant: "Wels", workOrder: null });
    expect((await line.call("setup", {})).body).toMatchObject({ line: "W1", plant: "Wels" });
    await line.report(attempt, resultOf(attempt));
    // It began at the line that it stood at.
    expect(await serialsAt("L3")).toContain("SN6101");
    await moveTo("L3-61", "W1");
    const events = await eventsOf(server.platform.db.sql, "station.moved");
    expect(events.filter(({ subjectName }) => subjectName === "L3-61")).toHaveLength(1);
    const removed = await eventsOf(server.platform.db.sql, "order.stations-removed");
    expect(removed.at(-1)).toMatchObject({ subjectName: "WO-1", data: { stations: ["L3-61"] } });
  });

  test("there and back again counts in each place what was made there", async () => {
    const line = lineOf(server, await server.addStation("L3-62"));
    await line.flash("SN6201");
    await moveTo("L3-62", "W1", { orders: "keep" });
    await line.flash("SN6202");
    await moveTo("L3-62", "L3", { orders: "keep" });
    await line.flash("SN6203");
    expect(await serialsAt("W1")).toEqual(["SN6202"]);
    expect(await serialsAt("L3")).toEqual(expect.arrayContaining(["SN6201", "SN6203"]));
    expect(await serialsAt("L3")).not.toContain("SN6202");
  });

  test("is moved by who may, to a line that there is", async () => {
    const lead = await server.person("operator-lead");
    const params = { id: "L3-60" };
    const asked = lead("moveStation", { params, body: { line: "L3", reason: "no" } });
    expect(await refusal(asked)).toBe("403 auth.forbidden");
    expect(await refusal(moveTo("L3-60", "L99"))).toBe("404 request.not_found");
    expect(await refusal(moveTo("nobody", "L3"))).toBe("404 request.not_found");
  });

  test("by several at once stands at one line, with no time in two", async () => {
    await server.addStation("L3-63");
    await Promise.all(["L4", "W1", "L3", "L4"].map((line) => moveTo("L3-63", line)));
    const rows = await server.platform.db.sql.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM station_line a JOIN station_line b USING (station_id)
        WHERE a.since < b.since AND a.until > b.since`,
    );
    expect(rows[0]?.n).toBe(0);
    const open = await server.platform.db.sql.query<{ same: boolean }>(
      `SELECT sl.line_id = s.line_id AS same FROM station s JOIN station_line sl ON sl.station_id = s.id AND sl.until = 'infinity'`,
    );
    expect(open.every(({ same }) => same)).toBe(true);
  });
});

describe("a line", () => {
  const change = (id: string, body: { name?: string; retired?: boolean }) =>
    engineer("changeLine", { params: { id }, body: { ...body, reason: "sold" } });

  test("is not retired while something is in use there, and says what", async () => {
    const id = server.seed.lineId;
    const { body } = await engineer("lineRetirement", { params: { id } });
    expect(body.inTheWay.map(({ kind, name }) => `${kind} ${name}`)).toContain("station L3-01");
    const refused = change(id, { retired: true });
    await expect(refused).rejects.toThrow(/^L3 cannot be retired: Station L3-01 has a PC enrolled/);
    expect(await refusal(change(id, { retired: true }))).toBe("409 request.conflict");
  });

  test("that is retired is offered nowhere, takes nothing, keeps its history, and is taken back", async () => {
    await engineer("addLine", { body: { name: "L5", plant: "Graz" } });
    const line = lineOf(server, await server.addStation("L3-64"));
    await moveTo("L3-64", "L5", { orders: "keep" });
    await line.flash("SN6401");
    await moveTo("L3-64", "L4");
    const id = (await lineNamed("L5"))?.id ?? "";
    expect((await engineer("lineRetirement", { params: { id } })).body.inTheWay).toEqual([]);
    expect((await change(id, { retired: true })).body.retiredAt).not.toBeNull();
    expect((await engineer("lines", {})).body.map(({ name }) => name)).not.toContain("L5");
    const plants = (await engineer("plants", {})).body;
    expect(plants.find(({ name }) => name === "Graz")?.lines).not.toContain("L5");
    expect(await serialsAt("L5")).toEqual(["SN6401"]);
    expect(await refusal(moveTo("L3-64", "L5"))).toBe("409 request.conflict");
    const station = engineer("addStation", { body: { name: "L5-01", line: "L5" } });
    expect(await refusal(station)).toBe("400 request.invalid");
    const again = engineer("addLine", { body: { name: "L5", plant: "Graz" } });
    expect(await refusal(again)).toBe("409 request.conflict");
    expect((await change(id, { retired: false })).body.retiredAt).toBeNull();
    expect(
      (await eventsOf(server.platform.db.sql, "line.changed")).map(({ after }) => after),
    ).toEqual([{ retired: true }, { retired: false }]);
  });

  test("gets another name, which no other line of its plant has", async () => {
    const id = (await lineNamed("L5"))?.id ?? "";
    expect(await refusal(change(id, { name: "L3" }))).toBe("409 request.conflict");
    expect((await change(id, { name: "Rework" })).body.name).toBe("Rework");
    expect(await serialsAt("Rework")).toEqual(["SN6401"]);
    expect(await refusal(change(id.replace(/^./, "f"), { name: "X" }))).toBe(
      "404 request.not_found",
    );
  });
});

test("a plant is retired after its lines, and tells days by the one that is left", async () => {
  await engineer("addPlant", { body: { name: "Linz", timeZone: "UTC" } });
  await engineer("addLine", { body: { name: "Line 9", plant: "Linz" } });
  const change = (body: { name?: string; retired?: boolean }, id = "Linz") =>
    engineer("changePlant", { params: { id }, body: { ...body, reason: "closed" } });
  await expect(change({ retired: true })).rejects.toThrow(
    "Linz cannot be retired: Line 9 is not retired.",
  );
  const id = (await lineNamed("Line 9"))?.id ?? "";
  await engineer("changeLine", { params: { id }, body: { retired: true, reason: "closed" } });
  expect((await engineer("plantRetirement", { params: { id: "Linz" } })).body.inTheWay).toEqual([]);
  await change({ retired: true });
  expect((await engineer("plants", {})).body.map(({ name }) => name)).not.toContain("Linz");
  const line = engineer("addLine", { body: { name: "Z2", plant: "Linz" } });
  expect(await refusal(line)).toBe("409 request.conflict");
  const back = engineer("changeLine", {
    params: { id },
    body: { retired: false, reason: "not yet" },
  });
  expect(await refusal(back)).toBe("409 request.conflict");
  expect(await refusal(change({ name: "Graz" }))).toBe("409 request.conflict");
  expect((await change({ name: "Linz old" })).body).toMatchObject({ name: "Linz old" });
});
