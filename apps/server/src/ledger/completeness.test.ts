import { ENDPOINTS, type EndpointName } from "@flashline/contract";
import { formatPublicKey, generateKeyPair } from "@flashline/signing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { authRepository } from "../auth/repository.ts";
import { authService } from "../auth/service.ts";
import { goldenCheck } from "../golden/testing.ts";
import { SESSION_COOKIE } from "../http/session-cookie.ts";
import { newId } from "../ids.ts";
import { lineOf } from "../jobs/testing.ts";
import { peopleOn } from "../people/feature.ts";
import { BY, eventsOf, wrongOf } from "../testing/events.ts";
import { signedException } from "../testing/exceptions.ts";
import { digestOf, type Publishing, startPublishing } from "../testing/publishing.ts";
import { sampleImage } from "../testing/seed.ts";
import type { TestClient } from "../testing/server.ts";
import { publishedUpdate, tellUpdates } from "../testing/updates.ts";

/** Operations that change nothing that anybody would ask for later. */
const NO_EVENT = {
  preflight: "a question",
  createJob: "an order for one unit: its start is the event, or that it was called off",
  acquire: "dispatch",
  renew: "a renewal",
  sendTranscript: "evidence that belongs to a result",
  status: "what a station shows at this moment",
  reportDoctor: "what a station's PC is like at this moment",
  reportUpdate: "how far a station is; that it is done, or failed, has events of its own",
  tryAlarmRule: "a question",
  dropUpload: "nothing came of it",
  previewLabel: "a question",
  openGoldenCheck: "an order for one check: its start is the event, or that it was given up",
  presentBadge: "a question; what the person does then is the event",
} as const satisfies Partial<Record<EndpointName, string>>;

type Changing = {
  [N in EndpointName]: (typeof ENDPOINTS)[N]["method"] extends "GET" ? never : N;
}[EndpointName];

interface World {
  readonly on: Publishing;
  readonly admin: TestClient;
}

const lineIn = async ({ on }: World, name: string) =>
  lineOf(on.server, await on.server.addStation(name, 1));

/** A check with the golden unit GOLD-9, as an agent opens it. */
const openedCheck = (on: Publishing) => goldenCheck(on.server, on.server.seed.station, "GOLD-9");

const GRANT = newId();

/** What stands on a badge: in no event. */
const BADGE = "0451-998-77-BADGE";

/** A person's identity at the provider: in no event, because an event is for good. */
const IDENTITY = "00u-subject";

async function logIn({ on }: World, name: string): Promise<TestClient> {
  const auth = authService(authRepository(on.server.platform.db));
  const { secret } = await auth.login(name, "correct horse battery", BY);
  const headers = { cookie: `${SESSION_COOKIE}=${secret}`, origin: "http://flashline.test" };
  return on.server.client(headers);
}

/** A unit that failed by its own fault at a new station. */
async function failedUnit(world: World, station: string, serial: string) {
  const failure = { outcome: "FAIL", code: "protection.read", blame: "unit" };
  const { attemptId } = await (await lineIn(world, station)).flash(serial, failure);
  const { body } = await world.admin("units", { query: { search: serial } });
  return { attemptId, unitId: body[0]?.id ?? "" };
}

/** What a trial has shown before its first pair. */
const NOTHING_TRIED = JSON.stringify({
  pairs: 0,
  e: 1,
  f: 1,
  extra: 10,
  cost: 20,
  pays: 0,
  standard: { units: 0, incidents: 0 },
  gentle: { units: 0, incidents: 0 },
});

/** An exception for the seeded release. */
async function addedException({ on, admin }: World, serial: string) {
  const { secretKey, version, manifestSha256 } = on.server.seed;
  const units = { serials: [serial] };
  return await admin("addException", {
    body: signedException({ version, manifestSha256 }, { units }, secretKey),
  });
}

/** A push of an update to a station of its own. */
async function pushed({ on, admin }: World): Promise<string> {
  await publishedUpdate(admin, "1.1.0");
  const station = await on.server.addStation(`U-${newId()}`, 1);
  await tellUpdates(on.server, station, "1.0.0");
  const { body } = await admin("pushUpdate", {
    body: { version: "1.1.0", stations: [station.name], reason: "mends the log" },
  });
  return body.id;
}

async function canaryId(admin: TestClient): Promise<string> {
  const { body } = await admin("releases", {});
  return body.find(({ state }) => state === "canary" || state === "paused")?.id ?? "";
}

/** Does each operation that changes something once. One without an entry here does not compile. */
const DEEDS: Readonly<
  Record<Exclude<Changing, keyof typeof NO_EVENT>, (world: World) => Promise<unknown>>
> = {
  login: ({ on }) =>
    on.server.client()("login", { body: { name: "anna", password: "correct horse battery" } }),
  async logout({ on, admin }) {
    await (await logIn({ on, admin }, "anna"))("logout", {});
  },
  addGolden: ({ admin }) =>
    admin("addGolden", {
      body: {
        serial: "GOLD-9",
        plant: "Graz",
        product: "PSU-40",
        version: "1.0.0",
        reason: "known unit",
      },
    }),
  setGoldenRule: ({ admin }) =>
    admin("setGoldenRule", {
      params: { id: "Graz" },
      body: { every: "shift", overdue: "warn", reason: "agreed" },
    }),
  async planGoldenRun({ on, admin }) {
    const { name } = await on.server.addStation("L3-90", 1);
    await admin("planGoldenRun", {
      body: { serial: "GOLD-9", station: name, nest: "A", times: 3, reason: "host in doubt" },
    });
  },
  async stopGoldenRun({ on, admin }) {
    const { name } = await on.server.addStation("L3-91", 1);
    const { body } = await admin("planGoldenRun", {
      body: { serial: "GOLD-9", station: name, nest: "A", times: 3, reason: "host in doubt" },
    });
    await admin("stopGoldenRun", { params: { id: body.id }, body: { reason: "seen enough" } });
  },
  async startGoldenCheck({ on }) {
    const check = await openedCheck(on);
    await check.start();
  },
  async giveUpGoldenCheck({ on }) {
    const { call, checkId } = await openedCheck(on);
    const body = { code: "device.not_found", message: "gone" };
    await call("giveUpGoldenCheck", { params: { id: checkId }, body });
  },
  async goldenResult({ on }) {
    const check = await openedCheck(on);
    await check.start();
    await check.report();
  },
  retireGolden: ({ admin }) =>
    admin("retireGolden", { params: { serial: "GOLD-9" }, body: { reason: "worn" } }),
  addPerson: ({ admin }) =>
    admin("addPerson", { body: { name: "olaf", role: "operator", reason: "new" } }),
  setPersonRole: ({ admin }) =>
    admin("setPersonRole", {
      params: { id: "olaf" },
      body: { role: "operator-lead", reason: "leads the night" },
    }),
  setPersonPlant: ({ admin }) =>
    admin("setPersonPlant", { params: { id: "olaf" }, body: { plant: "Graz", reason: "there" } }),
  renamePerson: ({ admin }) =>
    admin("renamePerson", { params: { id: "olaf" }, body: { name: "olaf.b", reason: "two" } }),
  setPassword: ({ admin }) =>
    admin("setPassword", {
      params: { id: "olaf.b" },
      body: { password: "correct horse battery", reason: "has pages now" },
    }),
  linkPerson: ({ admin }) =>
    admin("linkPerson", {
      params: { id: "olaf.b" },
      body: { subject: IDENTITY, reason: "logs in there" },
    }),
  unlinkPerson: ({ admin }) =>
    admin("unlinkPerson", { params: { id: "olaf.b" }, body: { reason: "the wrong one" } }),
  disablePerson: ({ admin }) =>
    admin("disablePerson", { params: { id: "olaf.b" }, body: { reason: "left" } }),
  enablePerson: ({ admin }) =>
    admin("enablePerson", { params: { id: "olaf.b" }, body: { reason: "is back" } }),
  async endSession(world) {
    await logIn(world, "olaf.b");
    const { body } = await world.admin("sessions", { query: { person: "olaf.b" } });
    const params = { id: body[0]?.id ?? "" };
    await world.admin("endSession", { params, body: { reason: "lost laptop" } });
  },
  async endPersonSessions(world) {
    await logIn(world, "olaf.b");
    const params = { id: "olaf.b" };
    await world.admin("endPersonSessions", { params, body: { reason: "lost laptop" } });
  },
  async endOwnSession(world) {
    const olaf = await logIn(world, "olaf.b");
    const { body } = await olaf("ownSessions", {});
    await olaf("endOwnSession", { params: { id: body[0]?.id ?? "" } });
  },
  async changeOwnPassword(world) {
    const olaf = await logIn(world, "olaf.b");
    const body = { current: "correct horse battery", password: "correct horse staple" };
    await olaf("changeOwnPassword", { body });
  },
  addToken: ({ admin }) =>
    admin("addToken", { body: { name: "mes", scopes: ["read"], days: 30, reason: "for the MES" } }),
  revokeToken: ({ admin }) =>
    admin("revokeToken", { params: { id: "mes" }, body: { reason: "was in a log" } }),
  giveBadge: ({ admin }) =>
    admin("giveBadge", { params: { id: "olaf.b" }, body: { content: BADGE, reason: "first" } }),
  async endBadge({ admin }) {
    const { body } = await admin("badges", { query: { person: "olaf.b" } });
    const params = { id: body[0]?.id ?? "" };
    await admin("endBadge", { params, body: { as: "lost", reason: "in the train" } });
  },
  rotateBadgeKey: ({ admin }) => admin("rotateBadgeKey", { body: { from: 1, reason: "yearly" } }),
  retireBadgeKey: ({ admin }) =>
    admin("retireBadgeKey", { params: { generation: 1 }, body: { reason: "all have moved" } }),
  async revokeKey({ admin }) {
    const { publicKey } = generateKeyPair();
    await admin("addKey", { body: { name: "third", publicKey: formatPublicKey(publicKey) } });
    const { keyId } = publicKey;
    await admin("revokeKey", { params: { keyId }, body: { reason: "rotated" } });
  },
  async retireKey({ admin }) {
    const { publicKey } = generateKeyPair();
    await admin("addKey", { body: { name: "fourth", publicKey: formatPublicKey(publicKey) } });
    const { keyId } = publicKey;
    await admin("retireKey", { params: { keyId }, body: { reason: "a new one goes on" } });
  },
  addPlant: ({ admin }) => admin("addPlant", { body: { name: "Linz", timeZone: "Europe/Vienna" } }),
  setPlantGuard: ({ admin }) =>
    admin("setPlantGuard", {
      params: { id: "Linz" },
      body: { on: true, reason: "nights without an engineer" },
    }),
  changePlant: ({ admin }) =>
    admin("changePlant", {
      params: { id: "Linz" },
      body: { shifts: [{ name: "early", start: "06:00", end: "14:00" }], reason: "two shifts now" },
    }),
  setPlantOperators: ({ admin }) =>
    admin("setPlantOperators", {
      params: { id: "Linz" },
      body: { idleMinutes: 20, reason: "audit" },
    }),
  setPlantGrants: ({ admin }) =>
    admin("setPlantGrants", { params: { id: "Graz" }, body: { hours: 1, reason: "audit" } }),
  askGrant: async ({ on }) => on.server.station()("askGrant", { params: { id: GRANT }, body: {} }),
  returnGrant: async ({ on }) =>
    on.server.station()("returnGrant", { params: { id: GRANT }, body: undefined }),
  async endGrant({ on, admin }) {
    const id = newId();
    await on.server.station()("askGrant", { params: { id }, body: {} });
    return await admin("endGrant", { params: { id }, body: { reason: "the PC is broken" } });
  },
  addLine: ({ admin }) => admin("addLine", { body: { name: "L9", plant: "Linz" } }),
  setPlans: ({ admin }) =>
    admin("setPlans", {
      body: {
        rows: [{ line: "L9", day: "2026-11-30", shift: "early", units: 480 }],
        reason: "week 49",
      },
    }),
  addStation: ({ admin }) => admin("addStation", { body: { name: "L9-01", line: "L9" } }),
  async changeLine({ admin }) {
    const { body } = await admin("addLine", { body: { name: "L10", plant: "Linz" } });
    const change = { name: "Rework", retired: true, reason: "sold" };
    await admin("changeLine", { params: { id: body.id }, body: change });
  },
  moveStation: ({ admin }) =>
    admin("moveStation", { params: { id: "L9-01" }, body: { line: "L3", reason: "rebuilt" } }),
  setStationOperators: ({ admin }) =>
    admin("setStationOperators", {
      params: { id: "L9-01" },
      body: { required: true, reason: "audit" },
    }),
  async enroll({ admin, on }) {
    const { body } = await admin("addStation", { body: { name: "L9-02", line: "L9" } });
    const pc = { machine: "pc-2", hostname: "pc-2", nests: [{ name: "1", portPath: "1-1" }] };
    await on.server.client()("enroll", { body: { token: body.token, ...pc } });
  },
  async setNests({ on }) {
    const { body } = await on.server.station()("setup", {});
    const nests = body.nests.map(({ name, portPath }) => ({ name, portPath }));
    const more = [...nests, { name: "taught", portPath: "9-9" }];
    await on.server.station()("setNests", { body: { nests: more } });
  },
  async revokeStation({ admin }) {
    await admin("addStation", { body: { name: "L9-03", line: "L9" } });
    await admin("revokeStation", { params: { id: "L9-03" }, body: { reason: "PC is scrap" } });
  },
  addKey: ({ admin }) =>
    admin("addKey", {
      body: { name: "second", publicKey: formatPublicKey(generateKeyPair().publicKey) },
    }),
  addProduct: ({ admin }) =>
    admin("addProduct", { body: { name: "PSU-41", title: "", chip: "STM32F407" } }),
  changeProduct: ({ admin }) =>
    admin("changeProduct", { params: { id: "PSU-41" }, body: { title: "Supply", reason: "said" } }),
  addUnits: ({ admin }) =>
    admin("addUnits", { body: { product: "PSU-41", serials: ["SN7001", "SN7002"] } }),
  addSerialList: ({ admin }) =>
    admin("addSerialList", {
      body: { product: "PSU-41", rows: [{ line: 2, serial: "SN7003", batch: "LOT-1" }] },
    }),
  giveValues: ({ admin }) =>
    admin("giveValues", {
      body: {
        product: "PSU-41",
        units: [{ serial: "SN7001", values: { variant: "EU" }, secrets: { key: "c2VjcmV0" } }],
      },
    }),
  addRange: ({ admin }) =>
    admin("addRange", {
      body: { product: "PSU-41", name: "number", kind: "counter", first: 1, last: 9 },
    }),
  addWorkOrder: ({ admin, on }) =>
    admin("addWorkOrder", {
      body: {
        number: "WO-9",
        product: on.server.seed.product,
        version: on.server.seed.version,
        quantity: 3,
        stations: ["L9-01"],
      },
    }),
  async closeWorkOrder({ admin }) {
    const { body } = await admin("workOrders", {});
    const id = body.find(({ number }) => number === "WO-9")?.id ?? "";
    await admin("closeWorkOrder", { params: { id } });
  },
  reopenWorkOrder: ({ admin }) =>
    admin("reopenWorkOrder", { params: { id: "WO-9" }, body: { reason: "more of them" } }),
  setOrderStations: ({ admin }) =>
    admin("setOrderStations", { params: { id: "WO-9" }, body: { stations: ["L9-01"] } }),
  removeOrderStation: ({ admin }) =>
    admin("removeOrderStation", { params: { id: "WO-9", station: "L9-01" } }),
  setOrderQuantity: ({ admin }) =>
    admin("setOrderQuantity", { params: { id: "WO-9" }, body: { quantity: 4 } }),
  async setOrderRelease({ admin, on }) {
    const { body } = await on.publish();
    await on.checked(body.id);
    await on.ci("promote", { params: { id: body.id } });
    const { version } = body;
    const change = { version, reason: "a newer one" };
    await admin("setOrderRelease", { params: { id: "WO-9" }, body: change });
  },
  setHold: ({ admin }) =>
    admin("setHold", {
      body: { target: { kind: "station", station: "L9-01" }, reason: "fixture is loose" },
    }),
  liftHold: ({ admin }) =>
    admin("liftHold", {
      body: { target: { kind: "station", station: "L9-01" }, reason: "fixture is tight" },
    }),
  async repairUnit(world) {
    const { attemptId, unitId } = await failedUnit(world, "E-4", "SN4004");
    const body = { attemptId, what: "new quartz" };
    await world.admin("repairUnit", { params: { id: unitId }, body });
  },
  async repairHost(world) {
    await (await lineIn(world, "E-10")).flash("SN4010");
    const { body } = await world.admin("hosts", {});
    const id = body.hosts.find(({ station }) => station === "E-10")?.id ?? "";
    await world.admin("repairHost", { params: { id }, body: { what: "hub", reason: "new hub" } });
  },
  async setHostProfile(world) {
    await (await lineIn(world, "E-11")).flash("SN4011");
    const { body } = await world.admin("hosts", {});
    const id = body.hosts.find(({ station }) => station === "E-11")?.id ?? "";
    const change = { profile: "gentle", reason: "old cable" } as const;
    await world.admin("setHostProfile", { params: { id }, body: change });
  },
  async restartPacingTrial({ admin, on }) {
    const [trial] = await on.server.platform.db.sql.query<{ id: string }>(
      `INSERT INTO pacing_trial (plant_id, virtual, controller, hub, family, figures)
       SELECT id, false, '1b21:3042', '', 'F4', $1 FROM plant LIMIT 1 RETURNING id`,
      [NOTHING_TRIED],
    );
    const body = { reason: "new hubs" };
    await admin("restartPacingTrial", { params: { id: trial?.id ?? "" }, body });
  },
  async allowRetest(world) {
    const { unitId } = await failedUnit(world, "E-5", "SN4005");
    const product = (await world.admin("products", {})).body.find(({ name }) => name === "PSU-40");
    const id = product?.id ?? "";
    await world.admin("setRetestLimit", { params: { id }, body: { limit: 1, reason: "trial" } });
    const body = { reason: "contact was dirty" };
    await world.admin("allowRetest", { params: { id: unitId }, body });
  },
  async overrideRefusal(world) {
    const { on, admin } = world;
    await admin("addPerson", { body: { name: "mia.l", role: "operator-lead", plant: null } });
    const badge = "0451-998-78-BADGE";
    await admin("giveBadge", {
      params: { id: "mia.l" },
      body: { content: badge, reason: "first" },
    });
    const at = await on.server.addStation("E-5b", 1);
    const serial = "SN4015";
    await admin("addUnits", { body: { product: "PSU-40", serials: [serial] } });
    const target = { kind: "unit", serial } as const;
    await admin("setHold", { body: { target, reason: "scratched" } });
    await on.server.station(at)("overrideRefusal", {
      body: { serial, nest: "A", code: "preflight.unit_held", badge, reason: "Repaired" },
    });
  },
  async scrapUnit(world) {
    const { unitId } = await failedUnit(world, "E-6", "SN4006");
    await world.admin("scrapUnit", { params: { id: unitId }, body: { reason: "burnt" } });
  },
  async unscrapUnit(world) {
    const { unitId } = await failedUnit(world, "E-7", "SN4007");
    const body = { reason: "the wrong one" };
    await world.admin("scrapUnit", { params: { id: unitId }, body });
    await world.admin("unscrapUnit", { params: { id: unitId }, body });
  },
  async setRetestLimit({ admin }) {
    const product = (await admin("products", {})).body.find(({ name }) => name === "PSU-40");
    const body = { limit: 5, reason: "long route" };
    await admin("setRetestLimit", { params: { id: product?.id ?? "" }, body });
  },
  async setLabel({ admin }) {
    const product = (await admin("products", {})).body.find(({ name }) => name === "PSU-40");
    const params = { id: product?.id ?? "" };
    const template = "^XA^FD{serial}^FS^XZ";
    await admin("setLabel", { params, body: { template, reason: "for the box" } });
    // Agents of the other deeds print none.
    await admin("setLabel", { params, body: { template: null, reason: "over" } });
  },
  async reportLabel(world) {
    const line = await lineIn(world, "E-20");
    const { attemptId } = await line.flash("SN4020");
    const at = new Date().toISOString();
    const entry = {
      n: 0,
      at,
      deed: "printed",
      reason: null,
      scanned: null,
      operator: null,
    } as const;
    await line.call("reportLabel", { params: { id: attemptId }, body: { entries: [entry] } });
  },
  uploadImage: ({ on }) => on.upload(sampleImage(2048, 3)),
  publish: ({ on }) => on.publish(),
  async promote({ on }) {
    const { body } = await on.publish();
    await on.checked(body.id);
    await on.ci("promote", { params: { id: body.id } });
  },
  async withdrawRelease({ on }) {
    const { body } = await on.publish();
    const reason = { reason: "built from the wrong branch" };
    await on.ci("withdrawRelease", { params: { id: body.id }, body: reason });
  },
  async uploadPart({ on }) {
    const bytes = sampleImage(2048, 4);
    const sha256 = digestOf(bytes);
    await on.ci("uploadPart", {
      params: { sha256 },
      query: { size: bytes.length, offset: 0 },
      body: bytes,
    });
  },
  addChannel: ({ admin }) =>
    admin("addChannel", { body: { product: "PSU-40", name: "pilot", reason: "a pilot run" } }),
  async moveChannel({ admin, on }) {
    const { body } = await admin("addChannel", {
      body: { product: "PSU-40", name: "stable", reason: "for everybody" },
    });
    const { version } = on.server.seed;
    await admin("moveChannel", { params: { id: body.id }, body: { version, reason: "proven" } });
  },
  async removeChannel({ admin }) {
    const { body } = await admin("channels", {});
    const id = body.find(({ name }) => name === "pilot")?.id ?? "";
    await admin("removeChannel", { params: { id }, query: { reason: "the run is over" } });
  },
  addException: (world) => addedException(world, "SN7001"),
  async withdrawException(world) {
    const { body } = await addedException(world, "SN7002");
    const params = { id: body.id };
    await world.admin("withdrawException", { params, body: { reason: "is done" } });
  },
  async startCanary({ on, admin }) {
    const { body } = await on.publish();
    await on.checked(body.id);
    const canary = { stations: ["L3-01"], units: 5, reason: "first units" };
    await admin("startCanary", { params: { id: body.id }, body: canary });
  },
  async pauseCanary({ admin }) {
    const id = await canaryId(admin);
    await admin("pauseCanary", { params: { id }, body: { reason: "looks wrong" } });
  },
  async resumeCanary({ admin }) {
    const id = await canaryId(admin);
    await admin("resumeCanary", { params: { id }, body: { reason: "it was the fixture" } });
  },
  async revoke({ on }) {
    const { body } = await on.publish();
    await on.checked(body.id);
    await on.ci("promote", { params: { id: body.id } });
    await on.ci("revoke", { params: { id: body.id }, body: { reason: "no good" } });
  },
  async start(world) {
    const line = await lineIn(world, "E-1");
    await line.start(await line.lease("SN4001"));
  },
  async result(world) {
    const line = await lineIn(world, "E-2");
    await line.flash("SN4002");
  },
  async cancelJob(world) {
    const line = await lineIn(world, "E-3");
    const { epoch, jobId } = await line.lease("SN4003");
    const body = { epoch, code: "attempt.cancelled", message: "by hand" };
    await line.call("cancelJob", { params: { id: jobId }, body });
  },
  async callLead(world) {
    await (await lineIn(world, "E-8")).call("callLead", { body: { nest: "A" } });
  },
  async endCall(world) {
    const line = await lineIn(world, "E-9");
    const { body } = await line.call("callLead", { body: {} });
    await line.call("endCall", { params: { id: body.id } });
  },
  async takeAlarm({ admin }) {
    const id = await firstId(admin("alarms", { query: { rule: "lead.called" } }));
    await admin("takeAlarm", { params: { id }, body: {} });
  },
  async endAlarm({ admin }) {
    const id = await firstId(admin("alarms", { query: { rule: "lead.called" } }));
    await admin("endAlarm", { params: { id }, body: { reason: "was there" } });
  },
  setAlarmRule: ({ admin }) =>
    admin("setAlarmRule", {
      params: { rule: "disk.low" },
      body: { settings: { gb: 5 }, reason: "a small disk" },
    }),
  async addUpdate(world) {
    await publishedUpdate(world.admin, "1.1.0");
  },
  async withdrawUpdate({ admin }) {
    const { id } = await publishedUpdate(admin, "1.2.0");
    await admin("withdrawUpdate", { params: { id }, body: { reason: "wrong build" } });
  },
  pushUpdate: (world) => pushed(world),
  async pausePush(world) {
    const params = { id: await pushed(world) };
    await world.admin("pausePush", { params, body: { reason: "not in this shift" } });
  },
  async resumePush(world) {
    const params = { id: await firstId(world.admin("pushes", {})) };
    await world.admin("resumePush", { params, body: { reason: "now" } });
  },
  async endPush(world) {
    const params = { id: await firstId(world.admin("pushes", {})) };
    await world.admin("endPush", { params, body: { reason: "next week" } });
  },
  addRecipient: ({ admin }) => admin("addRecipient", { body: { address: "shift@example.com" } }),
  async testRecipient({ admin }) {
    const id = await firstId(admin("recipients", {}));
    await admin("testRecipient", { params: { id } });
  },
  async removeRecipient({ admin }) {
    const id = await firstId(admin("recipients", {}));
    await admin("removeRecipient", { params: { id } });
  },
  addWebhook: ({ admin }) =>
    admin("addWebhook", { body: { name: "mes", url: "http://127.0.0.1:9/", kinds: ["alarm.*"] } }),
  async changeWebhook({ admin }) {
    const id = await firstId(admin("webhooks", {}));
    await admin("changeWebhook", { params: { id }, body: { on: false, reason: "not yet" } });
  },
  async rotateWebhookSecret({ admin }) {
    const id = await firstId(admin("webhooks", {}));
    await admin("rotateWebhookSecret", { params: { id }, body: {} });
  },
  async testWebhook({ admin }) {
    const id = await firstId(admin("webhooks", {}));
    await admin("testWebhook", { params: { id } });
  },
  async replayWebhook({ admin }) {
    const id = await firstId(admin("webhooks", {}));
    await admin("replayWebhook", { params: { id }, body: {} });
  },
  async removeWebhook({ admin }) {
    const id = await firstId(admin("webhooks", {}));
    await admin("removeWebhook", { params: { id } });
  },
};

const firstId = async (list: Promise<{ readonly body: readonly { readonly id: string }[] }>) =>
  (await list).body[0]?.id ?? "";

let world: World;
beforeAll(async () => {
  const on = await startPublishing({
    // Nobody listens there: what is tried is told as failed.
    environment: {
      FLASHLINE_SERVER: "http://flashline.test",
      FLASHLINE_OIDC_ISSUER: "http://127.0.0.1:9",
      FLASHLINE_OIDC_CLIENT_ID: "flashline",
      FLASHLINE_OIDC_ROLES: "it=admin",
      FLASHLINE_WEBHOOK_LOOPBACK: "true",
      FLASHLINE_SMTP_URL: "smtp://127.0.0.1:9",
      FLASHLINE_MAIL_FROM: "flashline@example.com",
    },
  });
  await peopleOn(on.server.platform.db).save("anna", "engineer", "correct horse battery", BY);
  world = { on, admin: await on.server.person("admin") };
});
afterAll(() => world.on.server.close());

/** It does every operation there is. Milliseconds. */
const PATIENCE_MS = 90_000;

test("every operation that changes something writes an event, by the contract's table", {
  timeout: PATIENCE_MS,
}, async () => {
  const { sql } = world.on.server.platform.db;
  for (const deed of Object.values(DEEDS)) await deed(world);
  const events = await eventsOf(sql);
  for (const name of Object.keys(DEEDS)) {
    const own = events.filter(({ operation }) => operation === name);
    expect(own.length, name).toBeGreaterThan(0);
    expect(own.every(({ address }) => address === "127.0.0.1")).toBe(true);
  }
  expect(wrongOf(events)).toEqual([]);
  expect(events.filter(({ operation }) => operation in NO_EVENT)).toEqual([]);
  expect(JSON.stringify(events)).not.toMatch(
    /c2VjcmV0|correct horse|whsec_|0451-998|shift@example|00u-subject/,
  );
  const changing = Object.entries(ENDPOINTS).filter(([, { method }]) => method !== "GET");
  expect(Object.keys({ ...DEEDS, ...NO_EVENT }).toSorted()).toEqual(
    changing.map(([name]) => name).toSorted(),
  );
});
