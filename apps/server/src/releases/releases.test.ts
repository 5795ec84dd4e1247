import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { encodeDfuse } from "@flashline/dfu-core/image";
import { formatPublicKey, generateKeyPair, signMinisig } from "@flashline/signing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, refusal } from "../testing/refusal.ts";
import { sampleImage } from "../testing/seed.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import { releasesRepository } from "./repository.ts";

let server: TestServer;
let ci: TestClient;
let counter = 1;
beforeAll(async () => {
  server = await startTestServer();
  ci = await server.token("releases:publish", "releases:promote", "read");
  await upload(IMAGE);
});
afterAll(() => server.close());

interface Change {
  readonly [field: string]: unknown;
}
const IMAGE = sampleImage(4096, 7);
const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const imageEntry = (bytes: Uint8Array, change: Change = {}) => ({
  name: "app.bin",
  sha256: digestOf(bytes),
  size: bytes.length,
  ...change,
});
const upload = (bytes: Uint8Array) => ci("uploadImage", { body: bytes });

/** The next release of the seeded product, signed by the trusted key. */
function signed(change: Change = {}, key = server.seed.secretKey) {
  counter += 1;
  const manifest = Buffer.from(
    JSON.stringify({
      schema: 1,
      product: "PSU-40",
      chip: "STM32F407",
      version: `1.0.${counter}`,
      counter,
      images: [imageEntry(IMAGE)],
      ...change,
    }),
  );
  return {
    manifest: manifest.toString("base64"),
    signature: signMinisig(manifest, key, { trustedComment: "test" }),
  };
}
const publish = (change: Change = {}) => ci("publish", { body: signed(change) });
const checked = (id: string) =>
  eventually(
    async () => (await ci("release", { params: { id } })).body,
    ({ check }) => check !== "pending",
  );
/** What the check says of a manifest with these changes. */
async function verdictOn(change: Change): Promise<string> {
  const { body } = await publish(change);
  const { check, checkCode } = await checked(body.id);
  return checkCode ?? check;
}

test("images are stored once, by their digest, and fetched as they came", async () => {
  const other = sampleImage(1000, 1);
  const first = await upload(other);
  expect([first.status, first.body]).toEqual([201, { sha256: digestOf(other), size: 1000 }]);
  expect((await upload(other)).status).toBe(200);
  const answer = await server.app.inject({
    url: `/v1/agent/images/${digestOf(other)}`,
    headers: { authorization: `Bearer ${server.seed.station.credential}` },
  });
  expect(answer.rawPayload.equals(other)).toBe(true);
  expect(answer.headers["content-type"]).toBe("application/octet-stream");
  expect(await refusal(server.station()("image", { params: { sha256: "0".repeat(64) } }))).toBe(
    "404 request.not_found",
  );
});

test("an image that is empty or larger than 16 MiB leaves nothing behind", async () => {
  expect(await refusal(upload(new Uint8Array(0)))).toBe("400 request.invalid");
  expect(await refusal(upload(Buffer.alloc(16 * 1024 * 1024 + 1)))).toBe("413 request.too_large");
  expect((await upload(Buffer.alloc(16 * 1024 * 1024, 1))).status).toBe(201);
  const [row] = await server.platform.db.sql.query<{ count: string }>(
    "SELECT count(*) FROM image WHERE size > 16777216 OR size = 0",
  );
  expect(row?.count).toBe("0");
});

test("a release is checked, promoted, and revoked, each once, with its trace", async () => {
  const { body: draft, status } = await publish();
  expect([status, draft.state]).toEqual([201, "draft"]);
  const passed = await checked(draft.id);
  expect(passed).toMatchObject({ check: "passed", images: [{ format: "raw", size: 4096 }] });
  expect((await ci("promote", { params: { id: draft.id } })).body.state).toBe("released");
  expect((await ci("promote", { params: { id: draft.id } })).body.state).toBe("released");
  const reason = { reason: "bricks on cold start" };
  const revoked = await ci("revoke", { params: { id: draft.id }, body: reason });
  expect(revoked.body).toMatchObject({ state: "revoked", revokedReason: reason.reason });
  expect(await refusal(ci("promote", { params: { id: draft.id } }))).toBe("409 release.revoked");
  const trace = await server.platform.db.sql.query<{ action: string }>(
    "SELECT action FROM audit_entry WHERE subject = $1 ORDER BY id",
    [`release ${draft.id}`],
  );
  expect(trace.map(({ action }) => action)).toEqual([
    "release.publish",
    "release.check",
    "release.promote",
    "release.revoke",
  ]);
});

test("the same bytes and signature again answer with the same release; another signature does not", async () => {
  const request = signed();
  const first = await ci("publish", { body: request });
  const second = await ci("publish", { body: request });
  expect([second.status, second.body.id]).toEqual([200, first.body.id]);
  const bytes = Buffer.from(request.manifest, "base64");
  const other = signMinisig(bytes, server.seed.secretKey, { trustedComment: "another" });
  expect(await refusal(ci("publish", { body: { ...request, signature: other } }))).toBe(
    "409 request.conflict",
  );
});

test("twenty at once publish one release", async () => {
  const request = signed();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => refusal(ci("publish", { body: request }))),
  );
  const { body } = await ci("publish", { body: request });
  const [row] = await server.platform.db.sql.query<{ count: string }>(
    "SELECT count(*) FROM release WHERE version = $1",
    [body.version],
  );
  expect(row?.count).toBe("1");
  expect(answers).not.toContain("500 server.internal");
});

test("signatures that do not hold are refused and nothing is stored", async () => {
  const { secretKey } = generateKeyPair();
  const good = signed();
  const bytes = Buffer.from(good.manifest, "base64");
  const changed = Buffer.from(bytes.toString().replace("STM32F407", "STM32F405")).toString(
    "base64",
  );
  const post = (body: { manifest: string; signature: string }) => refusal(ci("publish", { body }));
  expect(await post({ ...good, manifest: changed })).toBe("422 release.signature_invalid");
  expect(await post({ ...good, signature: "" })).toBe("400 release.signature_missing");
  expect(await post({ ...good, signature: "nonsense" })).toBe("422 release.signature_invalid");
  expect(await post({ ...good, manifest: "%%%" })).toBe("400 request.invalid");
  expect(await post(signed({}, secretKey))).toBe("422 release.key_unknown");
  const version = `1.0.${counter}`;
  const rows = await server.platform.db.sql.query("SELECT 1 FROM release WHERE version = $1", [
    version,
  ]);
  expect(rows).toEqual([]);
});

test("a key is trusted once an admin added it, and no longer once it was revoked", async () => {
  const { secretKey, publicKey } = generateKeyPair();
  const admin = await server.person("admin");
  const key = { name: "second", publicKey: formatPublicKey(publicKey) };
  const text = "untrusted comment: x\nnot a key\n";
  expect(await refusal(admin("addKey", { body: { name: "bad", publicKey: text } }))).toBe(
    "400 request.invalid",
  );
  expect((await admin("addKey", { body: key })).body).toEqual({ keyId: publicKey.keyId });
  expect((await admin("addKey", { body: key })).status).toBe(201);
  const { body } = await ci("publish", { body: signed({}, secretKey) });
  expect((await checked(body.id)).check).toBe("passed");
  const revoke = "UPDATE signing_key SET revoked_at = now() WHERE key_id = $1";
  await server.platform.db.sql.execute(revoke, [publicKey.keyId]);
  expect(await refusal(ci("promote", { params: { id: body.id } }))).toBe("422 release.key_unknown");
  expect(await refusal(admin("addKey", { body: key }))).toBe("409 request.conflict");
});

test("manifests that are wrong in themselves are refused at once", async () => {
  expect(await refusal(publish({ schema: 3 }))).toBe("422 release.manifest_invalid");
  expect(await refusal(publish({ images: [] }))).toBe("422 release.manifest_invalid");
  expect(await refusal(publish({ product: "NOPE" }))).toBe("422 release.product_unknown");
  expect(await refusal(publish({ counter: 1 }))).toBe("409 release.counter_used");
  expect(await refusal(publish({ version: "1.0.0" }))).toBe("409 release.version_used");
  const missing = imageEntry(IMAGE, { sha256: "0".repeat(64) });
  expect(await refusal(publish({ images: [missing] }))).toBe("422 release.image_missing");
});

test("the check refuses what contradicts the chip, the product or the bytes", async () => {
  const truncated = encodeDfuse([{ address: 0x0800_0000, data: IMAGE }]).subarray(0, 900);
  const corrupt = encodeDfuse([{ address: 0x0800_0000, data: IMAGE }]);
  corrupt[600] = (corrupt[600] ?? 0) ^ 1;
  const outside = encodeDfuse([{ address: 0x1fff_c000, data: IMAGE }]);
  const large = sampleImage(1024 * 1024 + 4, 3);
  for (const bytes of [truncated, corrupt, outside, large]) await upload(bytes);
  const one = (bytes: Uint8Array, change: Change = {}) => ({ images: [imageEntry(bytes, change)] });
  expect(await verdictOn({ chip: "STM32X999" })).toBe("release.chip_unknown");
  expect(await verdictOn({ chip: "STM32F072" })).toBe("release.manifest_invalid");
  expect(await verdictOn(one(IMAGE, { size: 4095 }))).toBe("release.image_digest");
  expect(await verdictOn(one(truncated))).toBe("image.truncated");
  expect(await verdictOn(one(corrupt))).toBe("image.crc");
  expect(await verdictOn(one(outside))).toBe("image.does_not_fit");
  expect(await verdictOn(one(large))).toBe("image.does_not_fit");
  expect(await verdictOn(one(IMAGE, { address: 0x2000_0000 }))).toBe("image.does_not_fit");
  const twice = {
    images: [imageEntry(IMAGE), imageEntry(IMAGE, { name: "b", address: 0x0800_0800 })],
  };
  expect(await verdictOn(twice)).toBe("image.overlap");
});

const FIELD = { name: "serial", kind: "text", address: "0x08000f00", length: 16 };
const SERIAL = { ...FIELD, value: { from: "serial" } };
const withFields = (...fields: readonly object[]) => ({
  schema: 2,
  recipe: { patch: { fields } },
});

test("a recipe that agents of before would half obey needs schema 2, which takes no key that is not known", async () => {
  const wrong = [
    { ...withFields(SERIAL), schema: 1 },
    { schema: 1, recipe: { expectOptions: { RDP: 0 } } },
    { schema: 1, recipe: { bankMode: "dual" } },
    { schema: 2, recipe: { bankMode: "both" } },
    { schema: 2, recipe: { pacth: { fields: [SERIAL] } } },
    { schema: 2, recipe: { leave: false, expectAfterLeave: { show: "dfu-gone" } } },
    withFields(FIELD),
    withFields({ ...SERIAL, secret: true }),
    withFields({ ...SERIAL, length: 0 }),
  ];
  for (const change of wrong) {
    expect(await refusal(publish(change))).toBe("422 release.manifest_invalid");
  }
});

test("the check tries a recipe's fields on the image, and its options on the chip's table", async () => {
  const next = { ...SERIAL, name: "next" };
  const crc = { from: "0x08000000", to: "0x08001004" };
  const sum = { name: "sum", kind: "crc32", address: "0x08000ff0", length: 4, crc };
  expect(await verdictOn(withFields(SERIAL, next))).toBe("image.patch_overlap");
  expect(await verdictOn(withFields(SERIAL, { ...next, address: "0x08000ff8" }))).toBe(
    "image.patch_outside",
  );
  expect(await verdictOn(withFields(SERIAL, { ...next, name: "serial" }))).toBe("image.patch_spec");
  expect(await verdictOn(withFields(SERIAL, sum))).toBe("image.patch_spec");
  const expecting = (expectOptions: object) => ({ schema: 2, recipe: { expectOptions } });
  expect(await verdictOn(expecting({ BOR_LEVEL: 1 }))).toBe("options.value");
  expect(await verdictOn(expecting({ BOR_LEV: 4 }))).toBe("options.value");
  expect(await verdictOn(expecting({ RDP: "0.5" }))).toBe("options.value");

  const key = { ...next, name: "key", kind: "bytes", address: 0x0800_0f20, secret: true };
  const recipe = {
    patch: { fields: [SERIAL, { ...key, value: { from: "given" } }] },
    bankMode: "single",
    expectOptions: { RDP: 0, bor_lev: "3" },
    expectAfterLeave: { show: "0483:5740" },
  };
  const { body } = await publish({ schema: 2, recipe });
  expect(await checked(body.id)).toMatchObject({
    check: "passed",
    recipe: {
      leave: true,
      bankMode: "single",
      expectAfterLeave: "0483:5740",
      withinSeconds: 10,
      expectOptions: { RDP: "0", bor_lev: "3" },
      fields: [
        { name: "serial", address: 0x0800_0f00, from: "serial", secret: false },
        { name: "key", from: "given", secret: true },
      ],
    },
  });
});

test("a refused draft gives its version and counter to the corrected one, a passed draft does not", async () => {
  const wrong = { version: "2.0.0", images: [imageEntry(IMAGE, { size: 4095 })] };
  const { body: refused } = await publish(wrong);
  expect((await checked(refused.id)).check).toBe("refused");
  const same = { version: "2.0.0", counter: refused.counter };
  const { body: corrected } = await publish(same);
  expect((await checked(corrected.id)).check).toBe("passed");
  expect(await refusal(ci("release", { params: { id: refused.id } }))).toBe(
    "404 request.not_found",
  );
  expect(await refusal(publish({ ...same, boardRevisions: ["A"] }))).toBe(
    "409 release.version_used",
  );
});

test("a DfuSe image passes, and must not be given a second address", async () => {
  const dfuse = encodeDfuse([{ address: 0x0800_4000, data: IMAGE }]);
  await upload(dfuse);
  const { body } = await publish({ images: [imageEntry(dfuse)] });
  expect((await checked(body.id)).images[0]?.format).toBe("dfuse");
  expect(await verdictOn({ images: [imageEntry(dfuse, { address: 0x0800_4000 })] })).toBe(
    "release.manifest_invalid",
  );
});

test("an image that rotted on disk is found by its digest", async () => {
  const rotten = sampleImage(2048, 99);
  await upload(rotten);
  const sha256 = digestOf(rotten);
  const folder = path.join(server.dataFolder, "images", sha256.slice(0, 2));
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, sha256), Buffer.alloc(2048));
  expect(await verdictOn({ images: [imageEntry(rotten)] })).toBe("release.image_digest");
});

test("what was not checked, was refused, or has expired is not promoted", async () => {
  const { body: refused } = await publish({ chip: "STM32X999" });
  await checked(refused.id);
  expect(await refusal(ci("promote", { params: { id: refused.id } }))).toBe(
    "409 release.unchecked",
  );
  const { body: draft } = await publish({ expiresAt: "2020-01-01T00:00:00Z" });
  expect((await checked(draft.id)).check).toBe("passed");
  expect(await refusal(ci("promote", { params: { id: draft.id } }))).toBe("409 release.expired");
  const reason = { reason: "never mind" };
  expect(await refusal(ci("revoke", { params: { id: draft.id }, body: reason }))).toBe(
    "409 release.not_released",
  );
  const publisher = await server.token("releases:publish");
  expect(await refusal(publisher("promote", { params: { id: draft.id } }))).toBe(
    "403 auth.forbidden",
  );
});

test("a check whose job the queue lost is announced again", async () => {
  const { db } = server.platform;
  const { body } = await publish();
  await checked(body.id);
  await db.sql.execute(
    `UPDATE release SET "check" = 'pending', created_at = now() - interval '1 hour' WHERE id = $1`,
    [body.id],
  );
  expect(await releasesRepository(db).announceLost(60_000)).toBe(1);
  expect(await releasesRepository(db).announceLost(60_000)).toBe(0);
  await server.platform.queues.dispatch();
  expect((await checked(body.id)).check).toBe("passed");
});
