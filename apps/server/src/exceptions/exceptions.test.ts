import { setTimeout as pause } from "node:timers/promises";
import { formatPublicKey, generateKeyPair } from "@flashline/signing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newId } from "../ids.ts";
import { codeOf, lineOf, resultOf } from "../jobs/testing.ts";
import { ordersRepository } from "../orders/repository.ts";
import { ordersService } from "../orders/service.ts";
import { BY, eventsOf } from "../testing/events.ts";
import { inDays, signedException } from "../testing/exceptions.ts";
import { type Change, digestOf, type Publishing, startPublishing } from "../testing/publishing.ts";
import { refusal } from "../testing/refusal.ts";
import { type SeededStation, seedStation } from "../testing/seed.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";

let on: Publishing;
let server: TestServer;
let engineer: TestClient;
let admin: TestClient;
beforeAll(async () => {
  on = await startPublishing();
  server = on.server;
  engineer = await server.person("engineer");
  admin = await server.person("admin");
});
afterAll(() => server.close());

const SERVICE = { lifts: ["release.not_released"] };
const EXPIRED = { lifts: ["release.expired"] };
interface Release {
  readonly id: string;
  readonly version: string;
  readonly manifestSha256: string;
}
let names = 0;
const next = (prefix: string): string => {
  names += 1;
  return `${prefix}${names}`;
};
const nextSerial = (): string => `SN${700_000 + Number(next(""))}`;
async function draft(change: Change = {}): Promise<Release> {
  const { body } = await on.publish(change);
  await on.checked(body.id);
  return body;
}
async function expired(): Promise<Release> {
  const release = await draft();
  await on.ci("promote", { params: { id: release.id } });
  await server.platform.db.sql.execute("UPDATE release SET expires_at = now() WHERE id = $1", [
    release.id,
  ]);
  return release;
}
const add = (release: Release, change: Change, key = server.seed.secretKey, by = engineer) =>
  by("addException", { body: signedException(release, change, key) });
const exceptionNow = async (id: string) => (await engineer("exception", { params: { id } })).body;
const withdraw = (id: string) =>
  engineer("withdrawException", { params: { id }, body: { reason: "not needed" } });
const order = (version: string, stations: readonly string[]) =>
  engineer("addWorkOrder", {
    body: {
      number: next("EO-"),
      product: "PSU-40",
      version,
      quantity: 20,
      stations: [...stations],
    },
  });
/** A station with an order for the release. */
async function stationFor(release: Release): Promise<SeededStation> {
  const at = await seedStation(server.platform, server.seed.lineId, next("E-"), 2, null);
  await order(release.version, [at.name]);
  return at;
}
async function scan(at: SeededStation, serial: string): Promise<string> {
  const body = { serial, nest: "A" };
  const answer = (await server.station(at)("preflight", { body })).body;
  return answer.go ? answer.version : answer.code;
}

describe("an exception", () => {
  test("lets a named unit have a draft: order, scan, job, start, result; and nobody else", async () => {
    const release = await draft();
    const serial = nextSerial();
    const anywhere = ["L3-01"];
    expect(await refusal(order(release.version, anywhere))).toBe("409 release.not_released");
    const { body: added, status } = await add(release, {
      ...SERVICE,
      units: { serials: [serial] },
    });
    expect(status).toBe(201);
    expect(added).toMatchObject({ state: "good", units: 1, used: 0, releaseId: release.id });
    const at = await stationFor(release);
    expect(await scan(at, nextSerial())).toBe("release.not_released");
    expect(await scan(at, serial)).toBe(release.version);
    const line = lineOf(server, at);
    const job = await line.lease(serial);
    const { statement, signature } = await exceptionNow(added.id);
    expect(job.exception).toEqual({ statement, signature });
    expect((await exceptionNow(added.id)).used).toBe(0);
    const attempt = await line.start(job);
    await line
      .call("renew", { params: { id: job.jobId }, body: { epoch: job.epoch } })
      .then(({ body }) => expect(body.cancel).toBe(false));
    expect(await exceptionNow(added.id)).toMatchObject({
      used: 1,
      state: "used-up",
      usedBy: [{ serial, attemptId: attempt.attemptId }],
    });
    await line.report(attempt, resultOf(attempt));
    const { body: told } = await engineer("attempt", { params: { id: attempt.attemptId } });
    expect(told).toMatchObject({
      outcome: "PASS",
      exception: { id: added.id, lifts: SERVICE.lifts, reason: "a repair" },
    });
    // The same build twice is a mistake; the unit still has no build to be sold with.
    expect(await scan(at, serial)).toBe("preflight.already_passed");
    expect(await scan(server.seed.station, serial)).toBe(server.seed.version);
    // A unit has it: it is not taken back, but can be revoked; no exception helps then.
    const reason = { reason: "burns the fuse" };
    const params = { id: release.id };
    expect(await refusal(on.ci("withdrawRelease", { params, body: reason }))).toBe(
      "409 release.not_draft",
    );
    expect((await on.ci("revoke", { params, body: reason })).body.state).toBe("revoked");
    expect(await scan(at, serial)).toBe("release.revoked");
    expect(await refusal(add(release, SERVICE))).toBe("409 release.revoked");
    const events = await eventsOf(server.platform.db.sql, "exception.%");
    const own = events.filter(({ subjectId }) => subjectId === added.id);
    expect(own.map(({ kind }) => kind)).toEqual(["exception.added", "exception.used"]);
    expect(own[0]).toMatchObject({ reason: "a repair", data: { serials: [serial], units: 1 } });
    expect(own[1]).toMatchObject({
      who: `station ${at.name}`,
      data: { serial, used: 1, units: 1 },
    });
  });

  test("lets so many units have an expired release, each as often as it needs", async () => {
    const release = await expired();
    const { body: added } = await add(release, { ...EXPIRED, units: { count: 1 } });
    const at = await stationFor(release);
    const [one, two] = [nextSerial(), nextSerial()];
    const line = lineOf(server, at);
    await line.flash(one, { outcome: "FAIL", code: "protection.read", blame: "unit" });
    expect(await scan(at, two)).toBe("release.expired");
    await line.flash(one);
    expect(await exceptionNow(added.id)).toMatchObject({ used: 1, state: "used-up" });
    expect(await scan(at, one)).toBe("preflight.already_passed");
  });

  test("lets a release with a used counter in, which is never released", async () => {
    const change = { counter: 1, version: next("0.9.") };
    const body = on.signed(change);
    expect(await refusal(on.ci("publish", { body }))).toBe("409 release.counter_used");
    const manifestSha256 = digestOf(Buffer.from(body.manifest, "base64"));
    const named = { id: "", version: change.version, manifestSha256 };
    const lifts = ["release.counter_used", "release.not_released"];
    const serial = nextSerial();
    const { body: added } = await add(named, { lifts, units: { serials: [serial] } });
    expect(added.releaseId).toBeNull();
    const { body: release } = await on.ci("publish", { body });
    await on.checked(release.id);
    expect(await refusal(on.ci("promote", { params: { id: release.id } }))).toBe(
      "409 release.counter_used",
    );
    const at = await stationFor(release);
    expect(await scan(at, serial)).toBe(change.version);
    await withdraw(added.id);
    // What lifts the state alone does not lift the counter.
    await add(release, { ...SERVICE, units: { serials: [serial] } });
    expect(await scan(at, serial)).toBe("release.not_released");
    expect((await on.publish()).status).toBe(201);
  });

  test("holds only at its time, at its stations, in its plant, for its release, and until it is withdrawn", async () => {
    const release = await draft();
    const serial = nextSerial();
    const units = { serials: [serial] };
    const good = await add(release, { ...SERVICE, units });
    const at = await stationFor(release);
    const line = lineOf(server, at);
    const job = await line.lease(serial);
    await withdraw(good.body.id);
    expect((await withdraw(good.body.id)).body).toMatchObject({
      state: "withdrawn",
      withdrawnReason: "not needed",
    });
    expect(await codeOf(line.start(job))).toBe("exception.withdrawn");
    const asked = { params: { id: job.jobId }, body: { epoch: job.epoch } };
    expect((await line.call("renew", asked)).body.cancel).toBe(true);
    await line.call("cancelJob", {
      params: { id: job.jobId },
      body: { epoch: job.epoch, code: "attempt.cancelled", message: "" },
    });
    expect(await scan(at, serial)).toBe("release.not_released");
    const useless: readonly Change[] = [
      { from: inDays(1), until: inDays(3) },
      { stations: ["L3-01"] },
      EXPIRED,
      { units: { serials: [nextSerial()] } },
    ];
    for (const change of useless) await add(release, { ...SERVICE, units, ...change });
    expect(await scan(at, serial)).toBe("release.not_released");
    await add(await draft(), { ...SERVICE, units });
    expect(await scan(at, serial)).toBe("release.not_released");
    const here = { plant: "Graz", stations: [at.name], from: inDays(-1), until: inDays(1) };
    const { body: last } = await add(release, { ...SERVICE, units, ...here });
    expect(await scan(at, serial)).toBe(release.version);
    await server.platform.db.sql.execute(
      "UPDATE release_exception SET valid_until = now() WHERE id = $1",
      [last.id],
    );
    expect(await scan(at, serial)).toBe("release.not_released");
    expect((await exceptionNow(last.id)).state).toBe("over");
  });

  test("never lifts a hold, a wrong board, a draft that was not checked, a canary or a paused one", async () => {
    const release = await draft({ boardRevisions: ["Z"] });
    const serial = nextSerial();
    await add(release, { ...SERVICE, units: { serials: [serial] } });
    const at = await stationFor(release);
    expect(await scan(at, serial)).toBe("preflight.board_revision");
    const sql = (text: string) => server.platform.db.sql.execute(text, [release.id]);
    await sql("UPDATE release SET board_revisions = '{}' WHERE id = $1");
    const target = { kind: "station", station: at.name } as const;
    await engineer("setHold", { body: { target, reason: "wrong jig" } });
    expect(await scan(at, serial)).toBe("preflight.station_paused");
    await server.platform.db.sql.execute("UPDATE hold SET lifted_at = now()");
    for (const check of ["refused", "pending"]) {
      await sql(`UPDATE release SET "check" = '${check}' WHERE id = $1`);
      expect(await scan(at, serial)).toBe("release.not_released");
    }
    await sql(`UPDATE release SET "check" = 'passed', state = 'paused' WHERE id = $1`);
    expect(await scan(at, serial)).toBe("release.canary_paused");
    await sql("UPDATE release SET state = 'canary', expires_at = now() WHERE id = $1");
    await add(release, { ...EXPIRED, units: { serials: [serial] } });
    expect(await scan(at, serial)).toBe("release.expired");
    await sql("UPDATE release SET state = 'draft', expires_at = NULL WHERE id = $1");
    expect(await scan(at, serial)).toBe(release.version);
  });

  test("ends at once with its key, or the release's", async () => {
    const { publicKey, secretKey } = generateKeyPair();
    const trusted = { name: "service", publicKey: formatPublicKey(publicKey) };
    const { keyId } = publicKey;
    const release = await draft();
    const serial = nextSerial();
    const content = { ...SERVICE, units: { serials: [serial] } };
    expect(await refusal(add(release, content, secretKey))).toBe("422 release.key_unknown");
    await admin("addKey", { body: trusted });
    const { body: added } = await add(release, content, secretKey);
    const at = await stationFor(release);
    const line = lineOf(server, at);
    const job = await line.lease(serial);
    await admin("retireKey", { params: { keyId }, body: { reason: "old" } });
    expect(await refusal(add(release, content, secretKey))).toBe("422 release.key_retired");
    expect((await exceptionNow(added.id)).state).toBe("good");
    await admin("revokeKey", { params: { keyId }, body: { reason: "was in a log" } });
    expect((await exceptionNow(added.id)).state).toBe("key-revoked");
    expect(await codeOf(line.start(job))).toBe("release.key_unknown");
    expect(await scan(at, nextSerial())).toBe("release.not_released");
    expect(await refusal(add(release, content, secretKey))).toBe("422 release.key_unknown");
  });

  test("is refused when it is badly signed, badly made, over, or about nothing here", async () => {
    const release = await draft();
    const said = (change: Change) => refusal(add(release, { ...SERVICE, ...change }));
    expect(await said({ lifts: ["release.revoked"] })).toBe("422 exception.invalid");
    expect(await said({ lifts: ["release.counter_used"] })).toBe("422 exception.invalid");
    expect(await said({ lifts: [] })).toBe("422 exception.invalid");
    expect(await said({ nests: ["A"] })).toBe("422 exception.invalid");
    expect(await said({ units: { serials: ["sn7001"] } })).toBe("422 exception.invalid");
    expect(await said({ units: { count: 501 } })).toBe("422 exception.invalid");
    expect(await said({ until: inDays(31) })).toBe("422 exception.invalid");
    expect(await said({ from: inDays(-2), until: inDays(-1) })).toBe("409 exception.not_now");
    expect(await said({ version: "9.9.9" })).toBe("409 exception.other");
    expect(await said({ product: "PSU-99" })).toBe("422 release.product_unknown");
    expect(await said({ stations: ["L9-99"] })).toBe("400 request.invalid");
    expect(await said({ plant: "Atlantis" })).toBe("400 request.invalid");
    expect(await said({ manifestSha256: "b".repeat(64) })).toBe("422 exception.release_unknown");

    const good = signedException(release, SERVICE, server.seed.secretKey);
    const other = signedException(release, SERVICE, server.seed.secretKey);
    const send = (body: { statement: string; signature: string }) =>
      engineer("addException", { body });
    expect(await refusal(send({ ...good, signature: other.signature }))).toBe(
      "422 release.signature_invalid",
    );
    const manifest = on.signed();
    expect(
      await refusal(send({ statement: manifest.manifest, signature: manifest.signature })),
    ).toBe("422 exception.invalid");
    expect((await send(good)).status).toBe(201);
    expect((await send(good)).status).toBe(200);
    const { id } = (await engineer("exceptions", { query: { limit: 1 } })).body[0] ?? { id: "" };
    expect(await refusal(engineer("exceptions", { query: { product: "PSU-4" } }))).toBe(
      "404 request.not_found",
    );
    expect(await refusal(add(release, { ...SERVICE, id, reason: "another one" }))).toBe(
      "409 request.conflict",
    );
    const lead = await server.person("operator-lead");
    expect(await refusal(add(release, SERVICE, server.seed.secretKey, lead))).toBe(
      "403 auth.forbidden",
    );
  });
});

test("of two replicas that start the last unit at the same time, one does", async () => {
  const release = await draft();
  const { body: added } = await add(release, { ...SERVICE, units: { count: 2 } });
  const stations = await Promise.all(Array.from({ length: 4 }, () => stationFor(release)));
  const other = await startTestServer({ replicaOf: server });
  const lines = stations.map((at, n) => lineOf(n % 2 === 0 ? server : other, at));
  const jobs = await Promise.all(lines.map((line) => line.lease(nextSerial())));
  const ends = await Promise.all(
    jobs.map((job, n) => codeOf(lines[n]?.start(job) ?? Promise.reject(new TypeError()))),
  );
  expect(ends.toSorted()).toEqual([
    ...["accepted", "accepted"],
    ...["exception.used_up", "exception.used_up"],
  ]);
  expect(await exceptionNow(added.id)).toMatchObject({ used: 2, state: "used-up" });
  await other.close();
});

describe("a draft that is ordered and withdrawn in the same moment", () => {
  const withdrawDraft = ({ id }: Release) =>
    on.ci("withdrawRelease", { params: { id }, body: { reason: "not needed" } });

  test("is not withdrawn where the order comes first", async () => {
    const release = await draft();
    await add(release, SERVICE);
    const { seed } = server;
    let withdrawn = Promise.resolve("");
    await server.platform.db.transaction(async (tx) => {
      await tx.execute(
        `INSERT INTO work_order (id, number, product_id, release_id, step_id, quantity, created_by)
         VALUES ($1, $2, $3, $4, $5, 1, 'test')`,
        [newId(), next("RACE-"), seed.productId, release.id, seed.stepId],
      );
      withdrawn = refusal(withdrawDraft(release));
      await pause(300);
    });
    expect(await withdrawn).toBe("409 release.not_draft");
  });

  test("is not ordered where the withdrawal comes first", async () => {
    const { release: factsOf, ...others } = ordersRepository(server.platform.db);
    const release = await draft();
    await add(release, SERVICE);
    const orders = ordersService({
      ...others,
      async release(product, version) {
        const facts = await factsOf(product, version);
        await withdrawDraft(release);
        return facts;
      },
    });
    const { version } = release;
    const wish = { number: next("RACE-"), product: "PSU-40", version, quantity: 2, stations: [] };
    const added = orders.add(wish, BY);
    await expect(added).rejects.toMatchObject({ code: "request.conflict" });
  });
});
