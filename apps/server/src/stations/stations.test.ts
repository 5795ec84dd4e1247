import { OPERATOR_RULES } from "@flashline/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { administer } from "../cli/administer.ts";
import { hotRepository } from "../jobs/hot.repository.ts";
import { lineOf, stateOf } from "../jobs/testing.ts";
import { BY } from "../testing/events.ts";
import { eventually, refusal } from "../testing/refusal.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import { stationsRepository } from "./repository.ts";

let server: TestServer;
let engineer: TestClient;
beforeAll(async () => {
  server = await startTestServer({ idle: true });
  engineer = await server.person("engineer");
});
afterAll(() => server.close());

const NESTS = [
  { name: "A", portPath: "1-1" },
  { name: "B", portPath: "1-2" },
];
const tokenFor = async (name: string) =>
  (await engineer("addStation", { body: { name, line: "L3" } })).body.token;
const enroll = (token: string, machine: string, nests = NESTS, hardware: string[] = []) =>
  server.client({ "flashline-version": "0.1.0" })("enroll", {
    body: { token, machine, hostname: machine, nests, hardware },
  });
const setup = (credential: string) =>
  server.client({ authorization: `Bearer ${credential}` })("setup", {});

test("a token enrolls one machine, which learns what it is", async () => {
  const { body } = await enroll(await tokenFor("L3-10"), "pc-10");
  expect(body.station).toBe("L3-10");
  expect((await setup(body.credential)).body).toEqual({
    stationId: body.stationId,
    station: "L3-10",
    line: "L3",
    plant: "Graz",
    timeZone: "Europe/Vienna",
    nests: NESTS.map((nest) => ({ ...nest, enabled: true })),
    workOrder: null,
    workOrders: [],
    calls: [],
    operators: { ...OPERATOR_RULES, shifts: [] },
    grants: null,
    golden: { serials: [], nests: [] },
    update: null,
  });
});

test("the machine may ask again when the answer was lost; the credential before then ends", async () => {
  const token = await tokenFor("L3-11");
  const first = await enroll(token, "pc-11");
  const second = await enroll(token, "pc-11");
  expect(second.body.stationId).toBe(first.body.stationId);
  expect((await setup(second.body.credential)).status).toBe(200);
  expect(await refusal(setup(first.body.credential))).toBe("401 auth.revoked");
});

test("a token that is unknown, used by another machine or expired enrolls nobody", async () => {
  const token = await tokenFor("L3-12");
  expect(await refusal(enroll("fle_made-up", "pc-12"))).toBe("401 enrol.token");
  await enroll(token, "pc-12");
  expect(await refusal(enroll(token, "pc-13"))).toBe("401 enrol.token");
  await server.platform.db.sql.execute(
    "UPDATE enrolment_token SET expires_at = now() - interval '1 second'",
  );
  expect(await refusal(enroll(token, "pc-12"))).toBe("401 enrol.token");
});

test("a PC whose disk is a copy of another station's is refused, and its token stays good", async () => {
  const [one, other] = ["00000000000000a1", "00000000000000b2"];
  const enrollAs = async (name: string, ...hardware: string[]) =>
    enroll(await tokenFor(name), "pc-image", NESTS, hardware);
  await enrollAs("L3-31", one);
  const token = await tokenFor("L3-32");
  const copied = enroll(token, "pc-image", NESTS, [other]);
  await expect(copied).rejects.toThrow(/^Station L3-31 is enrolled with this PC's machine id/);
  expect(await refusal(enroll(token, "pc-image", NESTS, [other]))).toBe("409 enrol.clone");
  // With a machine id of its own, by the same token.
  expect((await enroll(token, "pc-32", NESTS, [other])).status).toBe(201);
  // The same PC with two stations, one with one card exchanged, one that says nothing, and another PC in the place of the first.
  expect((await enrollAs("L3-33", one)).status).toBe(201);
  expect((await enrollAs("L3-34", other, one)).status).toBe(201);
  expect((await enrollAs("L3-35")).status).toBe(201);
  await server.platform.db.sql.execute(
    "UPDATE station SET credential_hash = NULL WHERE name IN ('L3-33', 'L3-34')",
  );
  expect((await enrollAs("L3-31", other)).status).toBe(201);
});

test("nests follow the agent: ports change places, one that is gone is out of use, one switched off stays off", async () => {
  await enroll(await tokenFor("L3-14"), "pc-14");
  await engineer("setHold", {
    body: { target: { kind: "nest", station: "L3-14", nest: "B" }, reason: "bent pin" },
  });
  const swapped = [
    { name: "A", portPath: "1-2" },
    { name: "B", portPath: "1-1" },
    { name: "C", portPath: "1-3" },
  ];
  const second = await enroll(await tokenFor("L3-14"), "pc-14", swapped);
  expect((await setup(second.body.credential)).body.nests).toEqual([
    { name: "A", portPath: "1-2", enabled: true },
    {
      name: "B",
      portPath: "1-1",
      enabled: false,
      hold: { kind: "nest", code: "preflight.nest_off", reason: "bent pin" },
    },
    { name: "C", portPath: "1-3", enabled: true },
  ]);
  const third = await enroll(await tokenFor("L3-14"), "pc-14", [{ name: "C", portPath: "1-1" }]);
  expect((await setup(third.body.credential)).body.nests).toEqual([
    { name: "C", portPath: "1-1", enabled: true },
  ]);
});

test("two nests at one port, an unknown line and a station of another line are refused", async () => {
  const token = await tokenFor("L3-15");
  const twice = [
    { name: "A", portPath: "1-1" },
    { name: "B", portPath: "1-1" },
  ];
  expect(await refusal(enroll(token, "pc-15", twice))).toBe("400 request.invalid");
  const add = (name: string, line: string) =>
    refusal(engineer("addStation", { body: { name, line } }));
  expect(await add("L9-01", "L9")).toBe("400 request.invalid");
  await engineer("addLine", { body: { name: "L4", plant: "Graz" } });
  expect(await add("L3-15", "L4")).toBe("409 request.conflict");
});

test("plants need a real time zone; adding the same again is no error", async () => {
  const plant = (name: string, timeZone: string) =>
    engineer("addPlant", { body: { name, timeZone } });
  expect(await refusal(plant("Mars", "Mars/Olympus"))).toBe("400 request.invalid");
  const shifts = [{ name: "late", start: "14:00", end: "24:60" }];
  const odd = { name: "Linz", timeZone: "Europe/Vienna", shifts };
  expect(await refusal(engineer("addPlant", { body: odd }))).toBe("400 request.invalid");
  const first = await plant("Pune", "Asia/Kolkata");
  expect((await plant("Pune", "Asia/Kolkata")).body).toEqual(first.body);
  expect(await refusal(plant("Pune", "Europe/Vienna"))).toBe("409 request.conflict");
  const line = await engineer("addLine", { body: { name: "P1", plant: "Pune" } });
  expect((await engineer("addLine", { body: { name: "P1", plant: "Pune" } })).body).toEqual(
    line.body,
  );
  expect(await refusal(engineer("addLine", { body: { name: "P1", plant: "Nowhere" } }))).toBe(
    "400 request.invalid",
  );
});

test("of two lines of one name the plant decides", async () => {
  await engineer("addPlant", { body: { name: "Brno", timeZone: "Europe/Prague" } });
  await engineer("addLine", { body: { name: "L5", plant: "Brno" } });
  await engineer("addLine", { body: { name: "L5", plant: "Graz" } });
  const add = (plant?: string) =>
    engineer("addStation", { body: { name: "L5-01", line: "L5", ...(plant && { plant }) } });
  await expect(add()).rejects.toMatchObject({
    status: 409,
    refusal: { code: "request.conflict", parameters: { plants: "Brno, Graz" } },
  });
  expect(await refusal(add("Nowhere"))).toBe("400 request.invalid");
  await add("Brno");
  expect(await refusal(add("Graz"))).toBe("409 request.conflict");
  expect((await engineer("lines", {})).body).toContainEqual(
    expect.objectContaining({ name: "L5", plant: "Brno", stations: 1 }),
  );
  expect((await engineer("plants", {})).body).toContainEqual(
    expect.objectContaining({ name: "Brno", lines: ["L5"], stations: 1, shifts: [] }),
  );
});

test("an agent hears of a new work order with its next sign of life", async () => {
  const status = { body: { queuedResults: 0, nests: [] } };
  const version = async () => (await server.station()("status", status)).body.setupVersion;
  const before = await version();
  expect(await version()).toBe(before);
  const order = { number: "WO-V", product: "PSU-40", version: "1.0.0", quantity: 5 };
  await engineer("addWorkOrder", { body: { ...order, stations: ["L3-01"] } });
  expect(await version()).not.toBe(before);
});

test("a revoked station has no credential, no token and no waiting request left", async () => {
  const unused = await tokenFor("L3-19");
  const used = await tokenFor("L3-19");
  const { body } = await enroll(used, "pc-19");
  const call = server.client({ authorization: `Bearer ${body.credential}` });
  const asked = new Promise((resolve) => {
    server.platform.bus.subscribe(`station.${body.stationId}`, resolve);
  });
  const waiting = call("acquire", { body: { freeNests: ["A"], waitMs: 25_000 } });
  await asked;
  await administer({ name: "station revoke", station: "L3-19" }, server.platform, {
    print: () => undefined,
    readPassword: () => Promise.resolve(""),
  });
  const began = Date.now();
  expect((await waiting).status).toBe(204);
  expect(Date.now() - began).toBeLessThan(5_000);
  expect(await refusal(setup(body.credential))).toBe("401 auth.revoked");
  expect(await refusal(enroll(used, "pc-19"))).toBe("401 enrol.token");
  expect(await refusal(enroll(unused, "pc-19"))).toBe("401 enrol.token");
  // Revoked before it ever was enrolled: its token is all there is to end.
  const early = await tokenFor("L3-20");
  await expect(stationsRepository(server.platform.db).revoke("L3-20", BY)).resolves.toBeDefined();
  expect(await refusal(enroll(early, "pc-20"))).toBe("401 enrol.token");
});

test("a revoked station gets no job that was offered to it before", async () => {
  const busy = await startTestServer();
  const line = lineOf(busy);
  const jobId = await line.order("SN7700");
  await eventually(
    () => stateOf(busy, jobId),
    (state) => state === "OFFERED",
  );
  const hot = hotRepository(busy.platform.db, busy.platform.vault);
  await stationsRepository(busy.platform.db).revoke(busy.seed.station.name, BY);
  expect(await hot.acquire(busy.seed.station.id, ["A"])).toBeNull();
  await busy.close();
});
