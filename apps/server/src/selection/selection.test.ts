import type { AttemptSelection } from "@flashline/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LINK_FAILURE, lineOf } from "../jobs/testing.ts";
import { onOneDay } from "../testing/midnight.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import { type Bounded, type Clock, daysEarlier, findStretch, stretchBefore } from "./stretch.ts";

let server: TestServer;
let call: TestClient;
onOneDay();
beforeAll(async () => {
  server = await startTestServer();
  call = await server.person("engineer");
  const line = lineOf(server);
  await line.flash("SN1001");
  await line.flash("SN1002", LINK_FAILURE);
  await line.flash("SN1002");
  await line.flash("SN1003", { outcome: "FAIL", code: "attempt.cancelled", touched: false });
  await server.platform.db.sql.execute("UPDATE unit SET batch = 'LOT-1' WHERE serial = 'SN1001'");
  await call("addUnits", { body: { product: "PSU-40", serials: ["SN1009"] } });
});
afterAll(() => server.close());

type UnitsQuery = NonNullable<Parameters<typeof call<"units">>[1]["query"]>;

const SHIFTS = [
  { name: "early", start: "06:00", end: "14:00" },
  { name: "late", start: "14:00", end: "22:00" },
  { name: "night", start: "22:00", end: "06:00" },
];
const clockAt = (now: string, change: Partial<Clock> = {}): Clock => ({
  plant: "Graz",
  timeZone: "Europe/Vienna",
  shifts: SHIFTS,
  now: new Date(now),
  ...change,
});
const find = (clock: Clock, asked: Parameters<typeof findStretch>[2]) =>
  findStretch(server.platform.db.sql, () => Promise.resolve(clock), asked);

describe("a stretch of time", () => {
  // Vienna is two hours ahead of UTC until 2026-10-25, 01:00 UTC, and one hour from then on.
  const sunday = "2026-10-25T12:00:00Z";
  it.each([
    [{ window: "today" }, sunday, "2026-10-24T22:00", "2026-10-25T23:00"],
    [{ window: "yesterday" }, sunday, "2026-10-23T22:00", "2026-10-24T22:00"],
    [{ window: "yesterday" }, "2026-03-30T10:00:00Z", "2026-03-28T23:00", "2026-03-29T22:00"],
    [{ window: "last-7-days" }, sunday, "2026-10-18T22:00", "2026-10-25T23:00"],
    [{ window: "this-week" }, sunday, "2026-10-18T22:00", "2026-10-25T23:00"],
    [{ window: "last-week" }, sunday, "2026-10-11T22:00", "2026-10-18T22:00"],
    [{ window: "last-30-days" }, sunday, "2026-09-25T22:00", "2026-10-25T23:00"],
    // The night in which the clock is put back is nine hours long.
    [{ window: "this-shift" }, "2026-10-25T04:00:00Z", "2026-10-24T20:00", "2026-10-25T05:00"],
    [{ window: "last-shift" }, "2026-10-25T05:00:00Z", "2026-10-24T20:00", "2026-10-25T05:00"],
    [{ window: "last-shift" }, "2026-10-25T04:00:00Z", "2026-10-24T12:00", "2026-10-24T20:00"],
    [{ day: "2026-03-29" }, sunday, "2026-03-28T23:00", "2026-03-29T22:00"],
    [{ day: "2026-03-28", shift: "night" }, sunday, "2026-03-28T21:00", "2026-03-29T04:00"],
  ] as const)("%j at %s", async (asked, now, from, to) => {
    expect(await find(clockAt(now), asked)).toMatchObject({
      from: `${from}:00.000Z`,
      to: `${to}:00.000Z`,
    });
  });

  it("is compared with the one before it, by the same clock", async () => {
    const { sql } = server.platform.db;
    const compared = async (asked: Parameters<typeof findStretch>[2], now = sunday) => {
      const clock = clockAt(now);
      const { from, to } = await stretchBefore(sql, clock, (await find(clock, asked)) as Bounded);
      return [from.slice(0, 16), to.slice(0, 16)];
    };
    expect(await compared({ window: "today" })).toEqual(["2026-10-23T22:00", "2026-10-24T22:00"]);
    const night = "2026-10-25T04:00:00Z";
    const late = ["2026-10-24T12:00", "2026-10-24T20:00"];
    expect(await compared({ window: "this-shift" }, night)).toEqual(late);
    const times = { from: "2026-10-25T06:00:00Z", to: "2026-10-25T08:00:00Z" };
    expect(await compared(times)).toEqual(["2026-10-25T04:00", "2026-10-25T06:00"]);
    const clock = clockAt(sunday);
    const today = (await find(clock, { window: "today" })) as Bounded;
    expect(await daysEarlier(sql, clock, today, 7)).toMatchObject({
      from: "2026-10-17T22:00:00.000Z",
      to: "2026-10-18T22:00:00.000Z",
    });
  });

  it.each([
    [{ window: "today", from: "2026-10-25T06:00:00Z" }, {}, /^Say the time once/],
    [{ window: "this-shift" }, { plant: null }, /^A shift needs plant/],
    [{ window: "this-shift" }, { shifts: [] }, /^There is no shift in plant Graz/],
    [{ window: "this-shift" }, { shifts: SHIFTS.slice(2) }, /^There is no shift now/],
    [{ day: "2026-10-25", shift: "noon" }, {}, /^There is no shift noon in plant Graz/],
  ] satisfies readonly (readonly [AttemptSelection, Partial<Clock>, RegExp])[])(
    "%j with %j is refused",
    async (asked, change, message) => {
      await expect(find(clockAt(sunday, change), asked)).rejects.toThrow(message);
    },
  );
});

const serials = async (query: UnitsQuery) =>
  (await call("units", { query })).body.map(({ serial }) => serial);

describe("one selection", () => {
  it("chooses attempts, units and their files alike", async () => {
    const query = { window: "today", station: "L3-01", only: "first" } as const;
    const attempts = (await call("attempts", { query })).body;
    expect(attempts.map(({ serial }) => serial)).toEqual(["SN1002", "SN1001"]);
    expect(await serials(query)).toEqual(["SN1002", "SN1001"]);
    const asked = "?window=today&station=L3-01&only=first";
    const [head, ...rows] = await lines(`/v1/attempts.csv${asked}`);
    expect(head).toMatch(/^product,serial,batch,began_at,.*,attempt_id,unit_id$/);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatch(/^PSU-40,SN1002,,20.*Z,20.*Z,FAIL,link\.budget,host,/);
    const [unitHead, ...units] = await lines(`/v1/units.csv${asked}`);
    expect(unitHead).toBe(
      "product,serial,board_revision,batch,state,attempts,last_at,outcome,code,blame,unit_id",
    );
    expect(units.map((row) => row.split(",").slice(1, 6))).toEqual([
      ["SN1001", "", "LOT-1", "passed", "1"],
      ["SN1002", "", "", "passed", "2"],
    ]);
  });

  it("goes on after any row, also by when attempts began", async () => {
    const all = (await call("attempts", { query: { window: "today" } })).body;
    expect(all).toHaveLength(4);
    const rest = { window: "today", after: all[1]?.id } as const;
    expect((await call("attempts", { query: rest })).body).toEqual(all.slice(2));
    const first = (await call("units", { query: { blame: "host", limit: 1 } })).body;
    expect(first.map(({ serial }) => serial)).toEqual(["SN1002"]);
    expect(await serials({ blame: "host", after: first[0]?.cursor })).toEqual([]);
  });

  it("of a product alone has units that nobody tried, and of attempts only theirs", async () => {
    expect(await serials({ product: "PSU-40" })).toContain("SN1009");
    expect(await serials({ product: "PSU-40", only: "counted" })).toEqual(["SN1002", "SN1001"]);
    expect(await serials({ batch: "LOT-1", search: "sn1" })).toEqual(["SN1001"]);
    expect(await serials({ outcome: "FAIL", only: "first", state: "passed" })).toEqual(["SN1002"]);
  });

  it("has what was made in a nest that its station has no more, as yields tell it", async () => {
    const { sql } = server.platform.db;
    const retire = "UPDATE nest SET port_path = 'was ' || id WHERE name = 'A' RETURNING id";
    const [nest] = await sql.query<{ id: string }>(retire);
    const { groups } = (await call("yield", { query: { by: "nest" } })).body;
    const [group] = groups ?? [];
    expect(group).toMatchObject({ name: "L3-01/A", attemptYield: { n: 3 } });
    const query = { ...group?.filter, window: "today", only: "counted" } as const;
    expect((await call("attempts", { query })).body).toHaveLength(3);
    await sql.execute("UPDATE nest SET port_path = '1-1' WHERE id = $1", [nest?.id]);
    const unknown = call("attempts", { query: { station: "L3-01", nest: "Z" } });
    await expect(unknown).rejects.toMatchObject({
      refusal: { code: "request.not_found", message: "There is no nest L3-01/Z." },
    });
  });

  it("has no name that nobody has", async () => {
    for (const name of ["units", "attempts", "containment"] as const) {
      await expect(call(name, { query: { order: "WO-X" } })).rejects.toMatchObject({
        refusal: { code: "request.not_found", message: "There is no work order WO-X." },
      });
    }
  });
});

describe("what nobody can mean is refused, and nothing is not told instead", () => {
  const swapped = "from=2026-11-25T00:00:00Z&to=2026-11-24T00:00:00Z";
  const REFUSED: readonly (readonly [string, string | RegExp])[] = [
    ...[
      "attempts",
      "attempts.csv",
      "units",
      "units.csv",
      "containment",
      "containment.csv",
      "yield",
    ].map((list) => [`${list}?${swapped}`, "from must be before to."] as const),
    ["attempts?from=2026-11-25T00:00:00Z&to=2026-11-25T00:00:00Z", "from must be before to."],
    ["yield?from=2998-01-01T00:00:00Z", "from lies ahead: nothing has begun since."],
    ["units?state=PASSED", /^query.*: Choose one of new, passed, failed, in work, unknown\./],
    ["units.csv?state=nothing", /^query.*: Choose one of new/],
    ...["attempts", "units", "containment", "yield"].flatMap((list) => [
      [`${list}?from=2026-01-01T00:00:00%2B23:59`, /expected an offset of at most 15:59/] as const,
      [`${list}?day=0000-01-01`, /expected a day from 2000-01-01 to 2199-12-31/] as const,
      [`${list}?day=9999-12-31`, /expected a day from 2000-01-01/] as const,
    ]),
    ["plans?from=0001-01-01", /expected a day from 2000-01-01/],
    ["pace?line=L3&day=0001-01-01&shift=early", /expected a day from 2000-01-01/],
    ...["before", "week-before"].map(
      (against) =>
        [
          `yield?from=0001-01-01T00:00:00Z&to=0001-01-02T00:00:00Z&against=${against}`,
          "There is no time before from.",
        ] as const,
    ),
  ];
  it.each(REFUSED)("%s", async (path, message) => {
    const answer = await ask(`/v1/${path}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json<{ message: string }>().message).toMatch(message);
  });
});

async function ask(url: string) {
  const authorization = `Bearer ${await server.tokenSecret("read")}`;
  return await server.app.inject({ method: "GET", url, headers: { authorization } });
}

async function lines(path: string): Promise<readonly string[]> {
  const answer = await ask(path);
  expect(answer.headers["content-type"]).toBe("text/csv; charset=utf-8");
  return answer.payload.trim().split("\n");
}
