import { rmSync } from "node:fs";
import path from "node:path";
import { formatPublicKey, generateKeyPair, signMinisig } from "@flashline/signing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventsOf } from "../testing/events.ts";
import { digestOf, imageEntry, type Publishing, startPublishing } from "../testing/publishing.ts";
import { eventually, refusal } from "../testing/refusal.ts";
import { sampleImage } from "../testing/seed.ts";
import { startTestServer } from "../testing/server.ts";
import { releasesRepository } from "./repository.ts";

let on: Publishing;
beforeAll(async () => {
  on = await startPublishing();
});
afterAll(() => on.server.close());

test("images are stored once, by their digest, and fetched as they came", async () => {
  const other = sampleImage(1000, 1);
  const first = await on.upload(other);
  expect([first.status, first.body]).toEqual([201, { sha256: digestOf(other), size: 1000 }]);
  expect((await on.upload(other)).status).toBe(200);
  const answer = await on.server.app.inject({
    url: `/v1/agent/images/${digestOf(other)}`,
    headers: { authorization: `Bearer ${on.server.seed.station.credential}` },
  });
  expect(answer.rawPayload.equals(other)).toBe(true);
  expect(answer.headers["content-type"]).toBe("application/octet-stream");
  expect(await refusal(on.server.station()("image", { params: { sha256: "0".repeat(64) } }))).toBe(
    "404 request.not_found",
  );
});

test("an image that is empty or larger than 16 MiB leaves nothing behind", async () => {
  expect(await refusal(on.upload(new Uint8Array(0)))).toBe("400 request.invalid");
  expect(await refusal(on.upload(Buffer.alloc(16 * 1024 * 1024 + 1)))).toBe(
    "413 request.too_large",
  );
  expect((await on.upload(Buffer.alloc(16 * 1024 * 1024, 1))).status).toBe(201);
  const [row] = await on.server.platform.db.sql.query<{ count: string }>(
    "SELECT count(*) FROM image WHERE size > 16777216 OR size = 0",
  );
  expect(row?.count).toBe("0");
});

test("an image that comes in parts goes on where it stands, and is one like any other at the end", async () => {
  const bytes = sampleImage(30_000, 9);
  const sha256 = digestOf(bytes);
  const params = { sha256 };
  const size = bytes.length;
  const standing = async () => (await on.ci("upload", { params, query: { size } })).body;
  const send = (offset: number, end: number) =>
    on.ci("uploadPart", { params, query: { size, offset }, body: bytes.subarray(offset, end) });
  expect(await standing()).toEqual({ sha256, size, offset: 0, complete: false, expiresAt: null });
  expect((await send(0, 10_000)).body).toMatchObject({ offset: 10_000, complete: false });
  expect(await refusal(send(0, 10_000))).toBe("409 upload.offset");
  expect(await refusal(send(20_000, 30_000))).toBe("409 upload.offset");
  const replica = await startTestServer({ replicaOf: on.server, idle: true });
  const ci = await replica.token("releases:publish");
  const rest = { params, query: { size, offset: 10_000 }, body: bytes.subarray(10_000) };
  const done = await ci("uploadPart", rest).finally(() => replica.close());
  expect([done.status, done.body.complete]).toEqual([201, true]);
  expect(await standing()).toMatchObject({ offset: size, complete: true });
  expect((await send(0, 10)).status).toBe(200);
  expect(await on.verdictOn({ images: [imageEntry(bytes)] })).toBe("passed");
  const events = await eventsOf(on.server.platform.db.sql, "image.uploaded");
  expect(events.filter(({ subjectId }) => subjectId === sha256)).toMatchObject([
    { operation: "uploadPart", data: { size } },
  ]);
  // Engineers upload updates of the agents.
  const lead = await on.server.person("operator-lead");
  expect(await refusal(lead("upload", { params, query: { size } }))).toBe("403 auth.forbidden");
});

test("a release is checked, promoted, and revoked, each once, with its trace", async () => {
  const { body: draft, status } = await on.publish();
  expect([status, draft.state]).toEqual([201, "draft"]);
  const passed = await on.checked(draft.id);
  expect(passed).toMatchObject({ check: "passed", images: [{ format: "raw", size: 4096 }] });
  expect((await on.ci("promote", { params: { id: draft.id } })).body.state).toBe("released");
  expect((await on.ci("promote", { params: { id: draft.id } })).body.state).toBe("released");
  const reason = { reason: "bricks on cold start" };
  const revoked = await on.ci("revoke", { params: { id: draft.id }, body: reason });
  expect(revoked.body).toMatchObject({ state: "revoked", revokedReason: reason.reason });
  expect(await refusal(on.ci("promote", { params: { id: draft.id } }))).toBe("409 release.revoked");
  const events = await eventsOf(on.server.platform.db.sql, "release.%");
  const trace = events.filter(({ subjectId }) => subjectId === draft.id);
  expect(trace.map(({ kind }) => kind)).toEqual([
    "release.published",
    "release.checked",
    "release.released",
    "release.revoked",
  ]);
  expect(trace.at(-1)).toMatchObject({ reason: reason.reason, before: { state: "released" } });
});

test("the same bytes and signature again answer with the same release; another signature does not", async () => {
  const request = on.signed();
  const first = await on.ci("publish", { body: request });
  const second = await on.ci("publish", { body: request });
  expect([second.status, second.body.id]).toEqual([200, first.body.id]);
  const bytes = Buffer.from(request.manifest, "base64");
  const other = signMinisig(bytes, on.server.seed.secretKey, { trustedComment: "another" });
  expect(await refusal(on.ci("publish", { body: { ...request, signature: other } }))).toBe(
    "409 request.conflict",
  );
});

test("twenty at once publish one release", async () => {
  const request = on.signed();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => on.ci("publish", { body: request })),
  );
  const { body } = await on.ci("publish", { body: request });
  expect(new Set(answers.map((answer) => answer.body.id))).toEqual(new Set([body.id]));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  const [row] = await on.server.platform.db.sql.query<{ count: string }>(
    "SELECT count(*) FROM release WHERE version = $1",
    [body.version],
  );
  expect(row?.count).toBe("1");
});

test("signatures that do not hold are refused and nothing is stored", async () => {
  const { secretKey } = generateKeyPair();
  const good = on.signed();
  const bytes = Buffer.from(good.manifest, "base64");
  const changed = Buffer.from(bytes.toString().replace("STM32F407", "STM32F405")).toString(
    "base64",
  );
  const post = (body: { manifest: string; signature: string }) =>
    refusal(on.ci("publish", { body }));
  expect(await post({ ...good, manifest: changed })).toBe("422 release.signature_invalid");
  expect(await post({ ...good, signature: "" })).toBe("400 release.signature_missing");
  expect(await post({ ...good, signature: "nonsense" })).toBe("422 release.signature_invalid");
  expect(await post({ ...good, manifest: "%%%" })).toBe("400 request.invalid");
  expect(await post(on.signed({}, secretKey))).toBe("422 release.key_unknown");
  const version = `1.0.${on.counter()}`;
  const rows = await on.server.platform.db.sql.query("SELECT 1 FROM release WHERE version = $1", [
    version,
  ]);
  expect(rows).toEqual([]);
});

test("a key is trusted once an admin added it, and no longer once it was revoked", async () => {
  const { secretKey, publicKey } = generateKeyPair();
  const admin = await on.server.person("admin");
  const key = { name: "second", publicKey: formatPublicKey(publicKey) };
  const text = "untrusted comment: x\nnot a key\n";
  expect(await refusal(admin("addKey", { body: { name: "bad", publicKey: text } }))).toBe(
    "400 request.invalid",
  );
  expect((await admin("addKey", { body: key })).body).toEqual({ keyId: publicKey.keyId });
  expect((await admin("addKey", { body: key })).status).toBe(201);
  const { body } = await on.ci("publish", { body: on.signed({}, secretKey) });
  expect((await on.checked(body.id)).check).toBe("passed");
  const revoke = "UPDATE signing_key SET revoked_at = now() WHERE key_id = $1";
  await on.server.platform.db.sql.execute(revoke, [publicKey.keyId]);
  expect(await refusal(on.ci("promote", { params: { id: body.id } }))).toBe(
    "422 release.key_unknown",
  );
  expect(await refusal(admin("addKey", { body: key }))).toBe("409 request.conflict");
});

test("what was not checked, was refused, or has expired is not promoted", async () => {
  const { body: refused } = await on.publish({ chip: "STM32X999" });
  await on.checked(refused.id);
  expect(await refusal(on.ci("promote", { params: { id: refused.id } }))).toBe(
    "409 release.unchecked",
  );
  const { body: draft } = await on.publish({ expiresAt: "2020-01-01T00:00:00Z" });
  expect((await on.checked(draft.id)).check).toBe("passed");
  expect(await refusal(on.ci("promote", { params: { id: draft.id } }))).toBe("409 release.expired");
  const reason = { reason: "never mind" };
  expect(await refusal(on.ci("revoke", { params: { id: draft.id }, body: reason }))).toBe(
    "409 release.not_released",
  );
  const publisher = await on.server.token("releases:publish");
  expect(await refusal(publisher("promote", { params: { id: draft.id } }))).toBe(
    "403 auth.forbidden",
  );
});

test("a check whose job the queue lost is announced again", async () => {
  const { db } = on.server.platform;
  const { body } = await on.publish();
  await on.checked(body.id);
  // In one transaction: the server looks for such drafts too.
  await db.transaction(async (tx) => {
    await tx.execute(
      `UPDATE release SET "check" = 'pending', created_at = now() - interval '1 hour' WHERE id = $1`,
      [body.id],
    );
    const { announceLost } = releasesRepository({ ...db, transaction: (work) => work(tx) });
    expect([await announceLost(60_000), await announceLost(60_000)]).toEqual([1, 0]);
  });
  await on.server.platform.queues.dispatch();
  expect((await on.checked(body.id)).check).toBe("passed");
});

test("an image that another replica has is waited for, and is no reason to refuse a release", async () => {
  const bytes = sampleImage(2000, 11);
  await on.upload(bytes);
  const sha256 = digestOf(bytes);
  rmSync(path.join(on.server.dataFolder, "images", sha256.slice(0, 2), sha256));
  const fetched = on.server.station()("image", { params: { sha256 } });
  expect(await refusal(fetched)).toBe("503 server.unavailable");
  const { body: draft } = await on.publish({ images: [imageEntry(bytes)] });
  const waits = await eventually(
    async () => (await on.ci("release", { params: { id: draft.id } })).body,
    ({ check, checkMessage }) => check !== "pending" || checkMessage !== null,
  );
  expect(waits).toMatchObject({
    check: "pending",
    checkMessage: expect.stringContaining("Replicas must share"),
  });
  await on.upload(bytes);
  expect(await on.checked(draft.id)).toMatchObject({ check: "passed", checkMessage: null });
});

test("a counter that looks like a typing mistake blocks nobody", async () => {
  const publish = (counter: number) => refusal(on.publish({ counter, version: `9.${counter}` }));
  expect(await publish(2_147_483_647)).toBe("422 release.counter_step");
  expect(await publish(2_147_483_648)).toBe("422 release.manifest_invalid");
  expect(await publish(200_000_000)).toBe("422 release.counter_step");
  expect(await publish(20_261_128)).toBe("answered");
});
