import { appendSuffix, encodeDfuse, encodeHex } from "@flashline/dfu-core/image";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Change,
  IMAGE,
  imageEntry,
  type Publishing,
  startPublishing,
} from "../testing/publishing.ts";
import { refusal } from "../testing/refusal.ts";

/** What a desk would refuse to flash: no release of it is ever released, whoever wrote and signed the manifest. */
let on: Publishing;
beforeAll(async () => {
  on = await startPublishing();
});
afterAll(() => on.server.close());

const FLASH = 0x0800_0000;
const at = (address: number, data: Uint8Array = IMAGE) => ({ segments: [{ address, data }] });
const HEX = Buffer.from(encodeHex(at(FLASH)));
const PAGE = Buffer.from("<!DOCTYPE html>\n<html><body>404 \u00b7 Not Found</body></html>\n");
const ZIP = Buffer.concat([Buffer.from("PK\x03\x04\x14\0\0\0\x08\0", "latin1"), IMAGE]);
/** Linked for 0x08008000. */
const LINKED_HIGHER = Buffer.from(IMAGE);
LINKED_HIGHER.writeUInt32LE(0x0800_8101, 4);

async function verdictOn(name: string, bytes: Uint8Array, change: Change = {}) {
  await on.upload(bytes);
  const { body } = await on.publish({ images: [imageEntry(bytes, { name })], ...change });
  const { check, checkCode, checkMessage } = await on.checked(body.id);
  const promoted = await refusal(on.ci("promote", { params: { id: body.id } })).catch(() => "");
  const { body: after } = await on.ci("release", { params: { id: body.id } });
  return { verdict: checkCode ?? check, message: checkMessage ?? "", promoted, state: after.state };
}

test.each<readonly [string, string, Uint8Array, RegExp]>([
  ["a web page", "app.hex", PAGE, /app\.hex: .*a web page/],
  ["a web page, renamed", "app.bin", PAGE, /a web page/],
  ["an archive", "app.bin", ZIP, /a ZIP archive\. Unpack it/],
  ["UF2", "app.bin", Buffer.concat([Buffer.from("UF2\nWQ]\x9e\0 \0\0", "latin1"), IMAGE]), /UF2/],
  ["HEX in UTF-16", "app.hex", Buffer.from(`\ufeff${HEX}`, "utf16le"), /Intel HEX text in UTF-16/],
  ["coloured HEX", "app.hex", Buffer.from(`\x1b[33m:\x1b[0m${String(HEX).slice(1)}`), /colour/],
  ["bytes named .hex", "app.hex", IMAGE, /promises Intel HEX/],
  ["bytes named .dat", "app.dat", IMAGE, /no reader knows/],
])("%s is refused and never released", async (_, name, bytes, message) => {
  const found = await verdictOn(name, bytes);
  expect(found).toMatchObject({ verdict: "image.not_firmware", state: "draft" });
  expect(found.message).toMatch(message);
  expect(found.promoted).toMatch(/release\.unchecked/);
});

test.each<readonly [string, string, Uint8Array]>([
  [
    "DfuSe",
    "app.dfu",
    encodeDfuse([{ address: FLASH, data: IMAGE }], { vendorId: 0x1209, productId: 1 }),
  ],
  [
    "a plain suffix",
    "app.bin",
    appendSuffix(IMAGE, { vendorId: 0x1209, productId: 1, bcdDevice: 0 }),
  ],
])("%s with the ids of another device is refused", async (_, name, bytes) => {
  expect(await verdictOn(name, bytes)).toMatchObject({
    verdict: "image.wrong_device",
    message: expect.stringMatching(/1209:0001.*0483:df11/),
    state: "draft",
  });
});

test("an image that is linked for another address is refused unless the recipe names its table", async () => {
  const elsewhere = await verdictOn("app.bin", LINKED_HIGHER);
  expect(elsewhere).toMatchObject({ verdict: "image.vectors", state: "draft" });
  expect(elsewhere.message).toMatch(/0x08008101.*linked for another address/);
  const none = { schema: 2, recipe: { vectorTable: "none" } };
  expect((await verdictOn("app.bin", LINKED_HIGHER, none)).state).toBe("released");

  const linked = Buffer.from(IMAGE);
  linked.writeUInt32LE(FLASH + 0x0501, 4);
  const behind = Buffer.concat([Buffer.alloc(0x400, "configuration"), linked]);
  expect(await verdictOn("app.bin", behind)).toMatchObject({
    verdict: "image.vectors",
    message: expect.stringMatching(/no vector table at 0x08000000/),
  });
  const named = (vectorTable: string) => ({ schema: 2, recipe: { vectorTable } });
  expect((await verdictOn("app.bin", behind, named("0x08000400"))).state).toBe("released");
  expect((await verdictOn("app.bin", behind, named("0x08000200"))).verdict).toBe("image.vectors");
});

test("bytes that a person said are raw pass as they are, and only where the recipe names them", async () => {
  const recipe = { rawImages: ["app.hex"], vectorTable: "none" };
  expect((await verdictOn("app.hex", PAGE, { schema: 2, recipe })).state).toBe("released");
  const other = { schema: 2, recipe: { ...recipe, rawImages: ["other.hex"] } };
  await on.upload(PAGE);
  const images = [imageEntry(PAGE, { name: "app.hex" })];
  expect(await refusal(on.publish({ ...other, images }))).toBe("422 release.manifest_invalid");
  expect(await refusal(on.publish({ ...other, schema: 1, images }))).toBe(
    "422 release.manifest_invalid",
  );
});

test("an image at the boot alias is refused, and told where it is to be signed for", async () => {
  const found = await verdictOn("app.hex", encodeHex(at(0)));
  expect(found).toMatchObject({ verdict: "image.does_not_fit", state: "draft" });
  expect(found.message).toMatch(/boot alias.*0x08000000/);
});

test("a release that was checked before there were these rules stays what it is", async () => {
  await on.upload(LINKED_HIGHER);
  const images = [imageEntry(LINKED_HIGHER)];
  const { body } = await on.publish({ images });
  expect((await on.checked(body.id)).checkCode).toBe("image.vectors");
  // As the server of then left it.
  await on.server.platform.db.sql.query(
    `UPDATE release SET "check" = 'passed', check_code = NULL, check_message = NULL WHERE id = $1`,
    [body.id],
  );
  const { body: released } = await on.ci("promote", { params: { id: body.id } });
  expect(released).toMatchObject({ state: "released", check: "passed" });
});
