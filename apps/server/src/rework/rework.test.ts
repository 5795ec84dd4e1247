import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Attempt, codeOf, LINK_FAILURE, lineOf } from "../jobs/testing.ts";
import { eventsOf } from "../testing/events.ts";
import { refusal } from "../testing/refusal.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";

let server: TestServer;
let engineer: TestClient;
let lead: TestClient;
beforeAll(async () => {
  server = await startTestServer();
  engineer = await server.person("engineer");
  lead = await server.person("operator-lead");
});
afterAll(() => server.close());

const TAKEN_OUT = { outcome: "FAIL", code: "attempt.unplugged", blame: "operator" } as const;
const UNIT_FAILURE = { outcome: "FAIL", code: "protection.read", blame: "unit" } as const;
const CALLED_OFF = {
  ...UNIT_FAILURE,
  code: "attempt.cancelled",
  blame: "operator",
  touched: false,
};

const line = () => lineOf(server);
async function preflight(serial: string, nest = "A") {
  const { body } = await line().call("preflight", { body: { serial, nest } });
  return body.go ? { code: "go", message: "", action: "" } : body;
}
const codeFor = async (serial: string) => (await preflight(serial)).code;
async function idOf(serial: string) {
  const { body } = await engineer("units", { query: { search: serial } });
  return body[0]?.id ?? expect.fail(`no unit ${serial}`);
}
async function fail(serial: string, ...failures: object[]): Promise<Attempt> {
  let last: Attempt | undefined;
  for (const failure of failures) last = await line().flash(serial, { ...failure });
  return last ?? expect.fail("no failure");
}
const setLimit = async (limit: number) => {
  const { productId: id } = server.seed;
  return (await engineer("setRetestLimit", { params: { id }, body: { limit, reason: "trial" } }))
    .body;
};

describe("the retest limit", () => {
  it("is three: the fourth scan asks for the lead, who allows one more try at a time", async () => {
    const serial = "SN6100";
    await fail(serial, UNIT_FAILURE, UNIT_FAILURE);
    const params = { id: await idOf(serial) };
    const allow = (call: TestClient, reason: string) =>
      call("allowRetest", { params, body: { reason } });
    expect(await codeFor(serial)).toBe("go");
    expect(await refusal(allow(lead, "just in case"))).toBe("409 request.conflict");
    await fail(serial, UNIT_FAILURE);
    expect(await preflight(serial)).toMatchObject({
      code: "preflight.retest_limit",
      message: `${serial} has failed 3 times; a lead may allow one more try.`,
      action: "Failed too often. Ask the lead.",
      blame: "operator",
    });
    expect(await codeOf(line().order(serial))).toBe("preflight.retest_limit");
    expect(await refusal(allow(await server.person("firmware"), "no reason"))).toBe(
      "403 auth.forbidden",
    );
    const [once, twice] = await Promise.all([allow(lead, "new cable"), allow(lead, "new cable")]);
    expect([once.status, twice.status].toSorted()).toEqual([200, 201]);
    expect(once.body).toMatchObject({ failures: 3, allowed: 4, scrapped: false });
    expect(await codeFor(serial)).toBe("go");
    await fail(serial, UNIT_FAILURE);
    expect(await codeFor(serial)).toBe("preflight.retest_limit");
    // The same words again are another permission by now.
    expect((await allow(lead, "new cable")).status).toBe(201);
    await line().flash(serial);
    expect(await codeFor(serial)).toBe("preflight.already_passed");
    const events = await eventsOf(server.platform.db.sql, "unit.retest-allowed");
    expect(events).toMatchObject([
      { reason: "new cable", who: "person test-operator-lead", data: { failures: 3 } },
      { reason: "new cable", data: { failures: 4 } },
    ]);
  });

  it("does not count what the host did, what an operator called off, nor that a unit was taken out", async () => {
    const serial = "SN6101";
    await fail(
      serial,
      LINK_FAILURE,
      CALLED_OFF,
      TAKEN_OUT,
      UNIT_FAILURE,
      UNIT_FAILURE,
      LINK_FAILURE,
    );
    expect(await codeFor(serial)).toBe("go");
    const { body } = await engineer("unit", { params: { id: await idOf(serial) } });
    expect(body.rework).toEqual({ scrapped: false, failures: 2, allowed: 3, records: [] });
  });

  it("begins anew after a repair, which names the failed attempt that it is about", async () => {
    const serial = "SN6102";
    const { attemptId } = await fail(serial, UNIT_FAILURE, UNIT_FAILURE, UNIT_FAILURE);
    const params = { id: await idOf(serial) };
    const repair = (attempt: string, what = "new quartz") =>
      lead("repairUnit", { params, body: { attemptId: attempt, what } });
    const strangers = await fail("SN6103", UNIT_FAILURE);
    expect(await refusal(repair(strangers.attemptId))).toBe("400 request.invalid");
    expect(await codeFor(serial)).toBe("preflight.retest_limit");
    expect((await repair(attemptId)).status).toBe(201);
    expect((await repair(attemptId)).status).toBe(200);
    expect(await codeFor(serial)).toBe("go");
    await fail(serial, UNIT_FAILURE);
    const { body } = await engineer("unit", { params });
    expect(body.rework).toMatchObject({
      failures: 1,
      records: [{ kind: "repair", attemptId, what: "new quartz", by: "test-operator-lead" }],
    });
  });

  it("is a product's own", async () => {
    expect(await setLimit(1)).toMatchObject({ retestLimit: 1 });
    await fail("SN6104", UNIT_FAILURE);
    expect(await codeFor("SN6104")).toBe("preflight.retest_limit");
    // Adding the product as it was says nothing of its limit.
    const known = (await engineer("products", {})).body.find(({ name }) => name === "PSU-40");
    const { id: _, units: __, retestLimit: ___, ...same } = known ?? expect.fail("no product");
    expect((await engineer("addProduct", { body: same })).body.retestLimit).toBe(1);
    expect(await refusal(engineer("addProduct", { body: { ...same, retestLimit: 2 } }))).toBe(
      "409 request.conflict",
    );
    const nobody = { params: { id: server.seed.stepId }, body: { limit: 2, reason: "trial" } };
    expect(await refusal(engineer("setRetestLimit", nobody))).toBe("404 request.not_found");
    const mayNot = lead("setRetestLimit", nobody);
    expect(await refusal(mayNot)).toBe("403 auth.forbidden");
    await setLimit(3);
    const events = await eventsOf(server.platform.db.sql, "product.retest-limit-changed");
    expect(events.map(({ before, after }) => [before, after])).toEqual([
      [{ retestLimit: 3 }, { retestLimit: 1 }],
      [{ retestLimit: 1 }, { retestLimit: 3 }],
    ]);
  });
});

it("a unit that failed by the host's fault is sent to a station of its order at another host, while there is one", async () => {
  const { sql } = server.platform.db;
  const serial = "SN6110";
  await fail(serial, LINK_FAILURE);
  expect(await codeFor(serial)).toBe("go");
  const other = await server.addStation("R-1", 1);
  const closed = await server.addStation("R-2", 1);
  const alive = { body: { queuedResults: 0, nests: [] } };
  for (const station of [other, closed]) await server.station(station)("status", alive);
  const target = { kind: "station", station: "R-2" } as const;
  await lead("setHold", { body: { target, reason: "looks bad" } });
  expect(await preflight(serial)).toMatchObject({
    code: "preflight.other_host",
    message: `${serial} failed here by the fault of the host. Take it to R-1.`,
    parameters: { serial, stations: "R-1" },
    blame: "host",
  });
  expect(await codeOf(line().order(serial))).toBe("preflight.other_host");
  // Another unit, and one whose last failure was its own, stay.
  expect(await codeFor("SN6111")).toBe("go");
  // A station that is silent takes nothing.
  await sql.execute("UPDATE station SET last_seen_at = now() - interval '1 minute'");
  expect(await codeFor(serial)).toBe("go");
  await sql.execute("UPDATE station SET last_seen_at = now()");
  expect(await codeFor(serial)).toBe("preflight.other_host");
  await lineOf(server, other).flash(serial);
  expect(await codeFor(serial)).toBe("preflight.already_passed");
  // A failure at the other station is not this host's.
  await fail("SN6112", UNIT_FAILURE);
  await lineOf(server, other).flash("SN6112", LINK_FAILURE);
  expect(await codeFor("SN6112")).toBe("go");
});

it("a scrapped unit is refused until that is taken back, and is not scrapped while it is in work", async () => {
  const serial = "SN6120";
  await fail(serial, UNIT_FAILURE);
  const params = { id: await idOf(serial) };
  const scrap = (reason: string) => lead("scrapUnit", { params, body: { reason } });
  const unscrap = (reason: string) => lead("unscrapUnit", { params, body: { reason } });
  expect(await refusal(unscrap("no reason"))).toBe("409 request.conflict");
  const job = await line().lease(serial);
  expect(await refusal(scrap("burnt"))).toBe("409 preflight.busy");
  await line().call("cancelJob", {
    params: { id: job.jobId },
    body: { epoch: job.epoch, code: "attempt.cancelled", message: "by hand" },
  });
  expect((await scrap("burnt")).status).toBe(201);
  expect((await scrap("burnt")).status).toBe(200);
  expect(await refusal(scrap("another reason"))).toBe("409 preflight.scrapped");
  expect(await preflight(serial)).toMatchObject({ code: "preflight.scrapped", blame: "unit" });
  expect(await codeOf(line().order(serial))).toBe("preflight.scrapped");
  expect((await unscrap("the wrong one")).body.scrapped).toBe(false);
  expect((await unscrap("the wrong one")).status).toBe(200);
  expect(await codeFor(serial)).toBe("go");
  const events = await eventsOf(server.platform.db.sql, "unit.%scrapped");
  expect(events.map(({ kind, reason }) => [kind, reason])).toEqual([
    ["unit.scrapped", "burnt"],
    ["unit.unscrapped", "the wrong one"],
  ]);
});

it("a unit is scrapped or ordered, never both, however close they come", async () => {
  for (let round = 0; round < 6; round += 1) {
    const serial = `SN613${round}`;
    await engineer("addUnits", { body: { product: "PSU-40", serials: [serial] } });
    const id = await idOf(serial);
    const [scrapped, ordered] = await Promise.all([
      refusal(lead("scrapUnit", { params: { id }, body: { reason: "burnt" } })),
      codeOf(line().order(serial, "C")),
    ]);
    const outcome = [scrapped, ordered];
    expect([
      ["answered", "preflight.scrapped"],
      ["409 preflight.busy", "accepted"],
      // Ordered in the moment in which it was scrapped: the offer refuses it.
      ["answered", "accepted"],
    ]).toContainEqual(outcome);
    if (ordered === "accepted") {
      const job = await line().acquire("C", scrapped === "answered" ? 300 : 10_000);
      expect(job === null).toBe(scrapped === "answered");
      if (job !== null) {
        await line().call("cancelJob", {
          params: { id: job.jobId },
          body: { epoch: job.epoch, code: "attempt.cancelled", message: "by hand" },
        });
      }
    }
  }
});
