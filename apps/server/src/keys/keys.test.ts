import { formatPublicKey, generateKeyPair } from "@flashline/signing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { canaryService } from "../canary/service.ts";
import { lineOf, resultOf } from "../jobs/testing.ts";
import { BY, eventsOf } from "../testing/events.ts";
import { type Publishing, startPublishing } from "../testing/publishing.ts";
import { refusal } from "../testing/refusal.ts";
import { seedStation } from "../testing/seed.ts";
import type { TestClient, TestServer } from "../testing/server.ts";

let on: Publishing;
let server: TestServer;
let admin: TestClient;
beforeAll(async () => {
  on = await startPublishing();
  server = on.server;
  admin = await server.person("admin");
});
afterAll(() => server.close());

async function newKey(name: string) {
  const pair = generateKeyPair();
  await admin("addKey", { body: { name, publicKey: formatPublicKey(pair.publicKey) } });
  return { ...pair, keyId: pair.publicKey.keyId };
}
type Key = Awaited<ReturnType<typeof newKey>>;
const publishBy = ({ secretKey }: Key) => on.ci("publish", { body: on.signed({}, secretKey) });
async function draftBy(key: Key) {
  const { body } = await publishBy(key);
  await on.checked(body.id);
  return body;
}
async function releasedBy(key: Key) {
  const made = await draftBy(key);
  await on.ci("promote", { params: { id: made.id } });
  return made;
}
/** A line of its own that works on the release. */
async function lineFor(version: string, name: string) {
  const at = await seedStation(server.platform, server.seed.lineId, name, 2, null);
  const body = { number: `WO-${name}`, product: "PSU-40", version, quantity: 9, stations: [name] };
  await admin("addWorkOrder", { body });
  return lineOf(server, at);
}
const retire = (key: Key, at?: string | null) =>
  admin("retireKey", {
    params: { keyId: key.keyId },
    body: { reason: "yearly rotation", ...(at === undefined ? {} : { at }) },
  });

test("two keys overlap; a retired one takes no new release, and what it released goes on", async () => {
  const [old, young] = [await newKey("old"), await newKey("young")];
  const released = await releasedBy(old);
  const left = await draftBy(old);
  const line = await lineFor(released.version, "K-1");
  const later = new Date(Date.now() + 86_400_000).toISOString();
  expect((await retire(old, later)).body).toMatchObject({
    state: "retiring",
    retiresAt: later,
    released: 1,
    unreleased: 1,
  });
  await releasedBy(young);
  await releasedBy(old);
  expect((await retire(old, null)).body).toMatchObject({ state: "trusted", retiresAt: null });
  expect((await retire(old)).body).toMatchObject({ state: "retired", released: 2 });

  expect(await refusal(publishBy(old))).toBe("422 release.key_retired");
  expect(await refusal(on.ci("promote", { params: { id: left.id } }))).toBe(
    "422 release.key_retired",
  );
  const canary = { stations: ["K-1"], units: 1, reason: "first units" };
  expect(await refusal(admin("startCanary", { params: { id: left.id }, body: canary }))).toBe(
    "422 release.key_retired",
  );
  expect((await line.flash("SN9101")).attemptId).toBeDefined();
  await lineFor(released.version, "K-2");
  await releasedBy(young);
  const events = await eventsOf(server.platform.db.sql, "key.retirement-set");
  expect(events.map(({ before, after }) => [before, after])).toMatchObject([
    [{ retiresAt: null }, { retiresAt: later }],
    [{ retiresAt: later }, { retiresAt: null }],
    [{ retiresAt: null }, {}],
  ]);
});

test("a key in wrong hands says what it touches, and is revoked with all of it at once", async () => {
  const key = await newKey("stolen");
  const [one, two, draft] = [await releasedBy(key), await releasedBy(key), await draftBy(key)];
  const line = await lineFor(one.version, "K-3");
  const { body: channel } = await admin("addChannel", {
    body: { product: "PSU-40", name: "stable", reason: "for everybody" },
  });
  const { version } = two;
  await admin("moveChannel", { params: { id: channel.id }, body: { version, reason: "good" } });
  const running = await line.start(await line.lease("SN9201"));
  await line.order("SN9202", "B");
  const params = { keyId: key.keyId };
  const { body: radius } = await admin("keyRadius", { params });
  expect(radius).toMatchObject({
    key: { state: "trusted" },
    releases: [
      { version: one.version, inWork: 2, orders: [{ number: "WO-K-3", stations: ["K-3"] }] },
      { version, inWork: 0, channels: ["stable"], orders: [] },
    ],
    drafts: [{ version: draft.version }],
  });
  const firmware = await server.person("firmware");
  const reason = { reason: "the build server was broken into" };
  expect(await refusal(firmware("revokeKey", { params, body: reason }))).toBe("403 auth.forbidden");

  const { body: hit } = await admin("revokeKey", { params, body: reason });
  expect(hit).toMatchObject({ key: { state: "revoked", revokedReason: reason.reason } });
  expect(hit.releases).toEqual(radius.releases);
  for (const { id } of [one, two]) {
    const { body } = await admin("release", { params: { id } });
    expect(body).toMatchObject({ state: "revoked", channels: [] });
    expect(body.revokedReason).toContain(reason.reason);
  }
  expect(await refusal(on.ci("promote", { params: { id: draft.id } }))).toBe(
    "422 release.key_unknown",
  );
  expect(await refusal(publishBy(key))).toBe("422 release.key_unknown");
  expect(await refusal(line.order("SN9203", "B"))).toMatch(/^409 (release\.revoked|preflight)/);
  // What was erased is brought to its end.
  await line.report(running, resultOf(running));
  const kinds = (await eventsOf(server.platform.db.sql, "%"))
    .filter(({ operation }) => operation === "revokeKey")
    .map(({ kind }) => kind);
  expect(kinds).toEqual(["key.revoked", "release.revoked", "release.revoked", "channel.emptied"]);
  expect((await admin("revokeKey", { params, body: reason })).body.releases).toEqual([]);
  expect(await refusal(retire(key))).toBe("409 request.conflict");
});

test("a release that is promoted while its key is revoked is not out afterwards", async () => {
  for (let round = 0; round < 4; round += 1) {
    const key = await newKey(`race ${round}`);
    const { id } = await draftBy(key);
    const body = { reason: "in wrong hands" };
    await Promise.allSettled([
      on.ci("promote", { params: { id } }),
      admin("revokeKey", { params: { keyId: key.keyId }, body }),
    ]);
    expect((await admin("release", { params: { id } })).body.state).not.toBe("released");
  }
});

test("a canary that was asked for before its key was revoked does not begin after it", async () => {
  const key = await newKey("stolen");
  const draft = await draftBy(key);
  await admin("revokeKey", { params: { keyId: key.keyId }, body: { reason: "stolen" } });
  // As the route does it once it has looked at the release: the key may be revoked in between.
  const begun = canaryService(server.platform.db).start(
    draft.id,
    { stations: ["L3-01"], units: 5, reason: "first units" },
    BY,
  );
  await expect(begun).rejects.toMatchObject({ code: "release.key_unknown" });
  expect((await on.ci("release", { params: { id: draft.id } })).body.state).toBe("draft");
});

test("the same key from several at once is one key, and an error for none of them", async () => {
  const { publicKey } = generateKeyPair();
  const body = { name: "at once", publicKey: formatPublicKey(publicKey) };
  const answers = await Promise.all(Array.from({ length: 6 }, () => admin("addKey", { body })));
  expect(answers.every((answer) => answer.body.keyId === publicKey.keyId)).toBe(true);
});
