import { expect, it } from "vitest";
import { checkVectorTables, findVectorTable, type Image, vectorTableProblem } from "./index.ts";

const BASE = 0x0800_0000;
function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  values.forEach((value, index) => {
    new DataView(bytes.buffer).setUint32(index * 4, value, true);
  });
  return bytes;
}
/** A table and 256 bytes of content behind it. */
function program(stack: number, ...handlers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(256).fill(0x55);
  bytes.set(words(stack, ...handlers));
  return bytes;
}
const image = (...parts: readonly (readonly [number, Uint8Array])[]): Image => ({
  format: "raw",
  segments: parts.map(([address, data]) => ({ address, data })),
  bytes: parts.reduce((sum, [, data]) => sum + data.length, 0),
  warnings: [],
});
const GOOD = program(0x2000_5000, BASE + 0x81);
const refusal = (message: RegExp) =>
  expect.objectContaining({ code: "image.vectors", message: expect.stringMatching(message) });

it("fits where the stack pointer is in RAM and the reset vector inside the image, also at the alias 0", () => {
  expect(vectorTableProblem(image([BASE, GOOD]))).toBeUndefined();
  expect(vectorTableProblem(image([BASE, program(0x2000_5000, 0x81)]))).toBeUndefined();
  expect(findVectorTable(image([BASE, GOOD]))).toEqual({
    address: BASE,
    stack: 0x2000_5000,
    reset: BASE + 0x81,
  });
});

it.each([
  ["linked for another address", program(0x2000_5000, 0x0800_8081), /reset vector is 0x08008081/],
  ["without a stack pointer", program(0x0800_5000, BASE + 0x81), /0x08005000, which is not in RAM/],
  ["with an odd stack pointer", program(0x2000_5001, BASE + 0x81), /not in RAM/],
  ["without Thumb code", program(0x2000_5000, BASE + 0x80), /not Thumb/],
  ["blank", new Uint8Array(256).fill(0xff), /0xffffffff, which is not in RAM/],
  ["of four bytes", words(0x2000_5000), /no content at 0x08000000/],
  [
    "whose handlers are elsewhere",
    program(0x2000_5000, BASE + 0x81, 0x0800_8011, 0x0800_8021, 0x0800_8031),
    /most of its handlers, as 0x08008011/,
  ],
])("does not fit in an image %s", (_, data, problem) => {
  expect(vectorTableProblem(image([BASE, data]))).toMatch(problem);
  expect(findVectorTable(image([BASE, data]))).toBeUndefined();
  expect(() => checkVectorTables([image([BASE, data])])).toThrow(refusal(problem));
  expect(() => checkVectorTables([image([BASE, data])], "none")).not.toThrow();
});

it("is found behind a stretch of configuration, and inside one", () => {
  const config = new Uint8Array(64).fill(0x43);
  const table = program(0x2001_0000, 0x0801_0081);
  expect(findVectorTable(image([BASE, config], [0x0801_0000, table]))?.address).toBe(0x0801_0000);

  const inside = new Uint8Array(1024).fill(0x43);
  inside.set(words(0x2000_5000, BASE + 0x281, BASE + 0x291, BASE + 0x2a1), 512);
  expect(findVectorTable(image([BASE, inside]))?.address).toBe(BASE + 512);
  expect(findVectorTable(image([BASE, new Uint8Array(1024).fill(0x43)]))).toBeUndefined();
});

it("of a release must be where its recipe says, and each image's own must fit", () => {
  const config = image([BASE, new Uint8Array(64).fill(0x43)]);
  const application = image([0x0801_0000, program(0x2001_0000, 0x0801_0081)]);
  expect(() => checkVectorTables([config, application])).toThrow(
    refusal(/no vector table at 0x08000000.*one that fits at 0x08010000/),
  );
  expect(() => checkVectorTables([config, application], 0x0801_0000)).not.toThrow();
  expect(() => checkVectorTables([config, application], 0x0801_0080)).toThrow(
    refusal(/0x08010080/),
  );
  const moved = image([0x0801_0000, program(0x2001_0000, 0x0802_0081)]);
  expect(() => checkVectorTables([image([BASE, GOOD]), moved])).toThrow(refusal(/0x08010000 does/));
  expect(() => checkVectorTables([image([BASE, GOOD]), application])).not.toThrow();
});
