import { Manifest } from "@flashline/contract";
import { encodeHex } from "@flashline/dfu-core/image";
import { expect, test } from "vitest";
import { digestOf, IMAGE, imageEntry } from "../testing/publishing.ts";
import { checkRelease } from "./check.ts";

const EEPROM = 0x0808_0000;

/** The check of a release for a chip whose one image has data at an address beside the firmware. */
function check(chip: string, address: number, data = Buffer.from("calibration")) {
  const firmware = { address: 0x0800_0000, data: IMAGE };
  const bytes = Buffer.from(encodeHex({ segments: [firmware, { address, data }] }));
  const manifest = Manifest.parse({
    schema: 1,
    product: "METER",
    chip,
    version: "1.0.0",
    counter: 1,
    images: [imageEntry(bytes, { name: "app.hex" })],
  });
  return checkRelease({
    manifest,
    productChip: chip,
    boardRevisions: [],
    read: () => Promise.resolve(bytes),
  }).then((images) => ({ images, sha256: digestOf(bytes) }));
}

test.each([
  ["STM32L072", EEPROM + 3],
  ["STM32L072", EEPROM + 6144 - 11],
  ["STM32L152", EEPROM + 8192 - 11],
])("a release for %s may have data EEPROM at %i", async (chip, address) => {
  const { images, sha256 } = await check(chip, address);
  expect(images).toEqual([{ sha256, format: "hex" }]);
});

test.each([
  ["STM32F072", EEPROM, /the flash of STM32F072 is 0x08000000 to 0x0801ffff at most$/],
  ["STM32L072", EEPROM - 11, /its data EEPROM 0x08080000 to 0x080817ff$/],
  ["STM32L072", EEPROM + 6144 - 10, /its data EEPROM 0x08080000 to 0x080817ff$/],
])("a release for %s with data at %i is refused", async (chip, address, message) => {
  await expect(check(chip, address)).rejects.toMatchObject({
    code: "image.does_not_fit",
    message: expect.stringMatching(message),
  });
});
