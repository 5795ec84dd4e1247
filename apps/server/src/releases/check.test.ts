import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { encodeDfuse } from "@flashline/dfu-core/image";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Change,
  digestOf,
  IMAGE,
  imageEntry,
  type Publishing,
  startPublishing,
} from "../testing/publishing.ts";
import { eventually, refusal } from "../testing/refusal.ts";
import { sampleImage } from "../testing/seed.ts";

let on: Publishing;
beforeAll(async () => {
  on = await startPublishing();
});
afterAll(() => on.server.close());

const FIELD = { name: "serial", kind: "text", address: "0x08000f00", length: 16 };
const SERIAL = { ...FIELD, value: { from: "serial" } };
const withFields = (...fields: readonly object[]) => ({
  schema: 2,
  recipe: { patch: { fields } },
});

test("manifests that are wrong in themselves are refused at once", async () => {
  expect(await refusal(on.publish({ schema: 3 }))).toBe("422 release.manifest_invalid");
  expect(await refusal(on.publish({ images: [] }))).toBe("422 release.manifest_invalid");
  expect(await refusal(on.publish({ product: "NOPE" }))).toBe("422 release.product_unknown");
  expect(await refusal(on.publish({ counter: 1 }))).toBe("409 release.counter_used");
  expect(await refusal(on.publish({ version: "1.0.0" }))).toBe("409 release.version_used");
  const missing = imageEntry(IMAGE, { sha256: "0".repeat(64) });
  expect(await refusal(on.publish({ images: [missing] }))).toBe("422 release.image_missing");
});

test("the check refuses what contradicts the chip, the product or the bytes", async () => {
  const truncated = encodeDfuse([{ address: 0x0800_0000, data: IMAGE }]).subarray(0, 900);
  const corrupt = encodeDfuse([{ address: 0x0800_0000, data: IMAGE }]);
  corrupt[600] = (corrupt[600] ?? 0) ^ 1;
  const outside = encodeDfuse([{ address: 0x1fff_c000, data: IMAGE }]);
  const large = sampleImage(1024 * 1024 + 4, 3);
  for (const bytes of [truncated, corrupt, outside, large]) await on.upload(bytes);
  const one = (bytes: Uint8Array, change: Change = {}) => ({ images: [imageEntry(bytes, change)] });
  expect(await on.verdictOn({ chip: "STM32X999" })).toBe("release.chip_unknown");
  expect(await on.verdictOn({ chip: "STM32F072" })).toBe("release.manifest_invalid");
  expect(await on.verdictOn(one(IMAGE, { size: 4095 }))).toBe("release.image_digest");
  expect(await on.verdictOn(one(truncated))).toBe("image.truncated");
  expect(await on.verdictOn(one(corrupt))).toBe("image.crc");
  expect(await on.verdictOn(one(outside))).toBe("image.does_not_fit");
  expect(await on.verdictOn(one(large))).toBe("image.does_not_fit");
  expect(await on.verdictOn(one(IMAGE, { address: 0x2000_0000 }))).toBe("image.does_not_fit");
  const twice = {
    images: [imageEntry(IMAGE), imageEntry(IMAGE, { name: "b", address: 0x0800_0800 })],
  };
  expect(await on.verdictOn(twice)).toBe("image.overlap");
});

test("a recipe that agents of before would half obey needs schema 2, which takes no key that is not known", async () => {
  const wrong = [
    { ...withFields(SERIAL), schema: 1 },
    { schema: 1, recipe: { expectOptions: { RDP: 0 } } },
    { schema: 1, recipe: { bankMode: "dual" } },
    { schema: 2, recipe: { bankMode: "both" } },
    { schema: 2, recipe: { pacth: { fields: [SERIAL] } } },
    { schema: 2, recipe: { leave: false, expectAfterLeave: { show: "dfu-gone" } } },
    { schema: 1, recipe: { expectAfterLeave: { serial: { from: "serial" } } } },
    ...[
      {},
      { withinSeconds: 3 },
      { serial: { from: "given" } },
      { serial: { from: "serial", text: "PSU" } },
      { serial: { from: "serial", text: "{1}" } },
      { serial: { from: "serial", pattern: "SN(.*)", text: "{2}" } },
      { serial: { from: "serial", pattern: "(?=SN).*" } },
      { serial: { from: "serial", prefix: "PSU" } },
    ].map((expectAfterLeave) => ({ schema: 2, recipe: { expectAfterLeave } })),
    withFields(FIELD),
    withFields({ ...SERIAL, secret: true }),
    withFields({ ...SERIAL, length: 0 }),
  ];
  for (const change of wrong) {
    expect(await refusal(on.publish(change))).toBe("422 release.manifest_invalid");
  }
});

test("the check tries a recipe's fields on the image, and its options on the chip's table", async () => {
  const next = { ...SERIAL, name: "next" };
  const crc = { from: "0x08000000", to: "0x08001004" };
  const sum = { name: "sum", kind: "crc32", address: "0x08000ff0", length: 4, crc };
  expect(await on.verdictOn(withFields(SERIAL, next))).toBe("image.patch_overlap");
  expect(await on.verdictOn(withFields(SERIAL, { ...next, address: "0x08000ff8" }))).toBe(
    "image.patch_outside",
  );
  expect(await on.verdictOn(withFields(SERIAL, { ...next, name: "serial" }))).toBe(
    "image.patch_spec",
  );
  expect(await on.verdictOn(withFields(SERIAL, sum))).toBe("image.patch_spec");
  const expecting = (expectOptions: object) => ({ schema: 2, recipe: { expectOptions } });
  expect(await on.verdictOn(expecting({ BOR_LEVEL: 1 }))).toBe("options.value");
  expect(await on.verdictOn(expecting({ BOR_LEV: 4 }))).toBe("options.value");
  expect(await on.verdictOn(expecting({ RDP: "0.5" }))).toBe("options.value");
  expect(await on.verdictOn({ schema: 2, recipe: { bankMode: "dual" } })).toBe("plan.bank_mode");

  const key = { ...next, name: "key", kind: "bytes", address: 0x0800_0f20, secret: true };
  const recipe = {
    patch: { fields: [SERIAL, { ...key, value: { from: "given" } }] },
    bankMode: "single",
    expectOptions: { RDP: 0, bor_lev: "3" },
    expectAfterLeave: { show: "0483:5740", serial: { from: "serial", text: "P-{serial}" } },
  };
  const { body } = await on.publish({ schema: 2, recipe });
  expect(await on.checked(body.id)).toMatchObject({
    check: "passed",
    recipe: {
      leave: true,
      bankMode: "single",
      expectAfterLeave: "0483:5740",
      withinSeconds: 10,
      shownSerial: { from: "serial", text: "P-{serial}" },
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
  const { body: refused } = await on.publish(wrong);
  expect((await on.checked(refused.id)).check).toBe("refused");
  const same = { version: "2.0.0", counter: refused.counter };
  const { body: corrected } = await on.publish(same);
  expect((await on.checked(corrected.id)).check).toBe("passed");
  expect(await refusal(on.ci("release", { params: { id: refused.id } }))).toBe(
    "404 request.not_found",
  );
  expect(await refusal(on.publish({ ...same, boardRevisions: ["A"] }))).toBe(
    "409 release.version_used",
  );
});

test("a refused draft stays where the one in its place is refused too", async () => {
  const { body: refused } = await on.publish({ images: [imageEntry(IMAGE, { size: 4095 })] });
  await on.checked(refused.id);
  const next = { version: "3.0.0", counter: refused.counter };
  const missing = [imageEntry(sampleImage(300, 55))];
  expect(await refusal(on.publish({ ...next, images: missing }))).toBe("422 release.image_missing");
  expect(await refusal(on.publish({ ...next, version: "2.0.0" }))).toBe("409 release.version_used");
  const { body } = await on.ci("release", { params: { id: refused.id } });
  expect(body.check).toBe("refused");
});

test("a DfuSe image passes, and must not be given a second address", async () => {
  const linked = Buffer.from(IMAGE);
  linked.writeUInt32LE(0x0800_4101, 4);
  const dfuse = encodeDfuse([{ address: 0x0800_4000, data: linked }]);
  await on.upload(dfuse);
  const { body } = await on.publish({ images: [imageEntry(dfuse)] });
  expect((await on.checked(body.id)).images[0]?.format).toBe("dfuse");
  expect(await on.verdictOn({ images: [imageEntry(dfuse, { address: 0x0800_4000 })] })).toBe(
    "release.manifest_invalid",
  );
});

test("an image that rotted on disk is found by its digest, and is no fault of the release", async () => {
  const rotten = sampleImage(2048, 99);
  await on.upload(rotten);
  const sha256 = digestOf(rotten);
  const folder = path.join(on.server.dataFolder, "images", sha256.slice(0, 2));
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, sha256), Buffer.alloc(2048));
  const { body } = await on.publish({ images: [imageEntry(rotten)] });
  const waits = await eventually(
    async () => (await on.ci("release", { params: { id: body.id } })).body,
    ({ check, checkMessage }) => check !== "pending" || checkMessage !== null,
  );
  expect(waits).toMatchObject({
    check: "pending",
    checkMessage: expect.stringContaining(`${sha256} is damaged`),
  });
  await on.upload(rotten);
  expect(await on.checked(body.id)).toMatchObject({ check: "passed", checkMessage: null });
});
