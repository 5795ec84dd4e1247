import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { complementErrors, decodeOptions, encodeOptions, visibleFields } from "./codec.ts";
import { OPTION_SCHEMAS } from "./schemas.ts";

const schemas = OPTION_SCHEMAS.map((schema) => [schema.name, schema] as const);

describe.each(schemas)("option table %s", (_, schema) => {
  const blocksOf = (length: number) =>
    fc.tuple(...schema.zones.map(() => fc.uint8Array({ minLength: length, maxLength: length })));
  const full = 128;

  it("has fields that lie inside their registers and share no bit, and one RDP of 8 bits", () => {
    for (const register of schema.registers) {
      const own = schema.fields.filter((field) => field.register === register.name);
      const bits = own.flatMap(({ bit, width }) =>
        Array.from({ length: width }, (_, index) => bit + index),
      );
      expect(new Set(bits).size, register.name).toBe(bits.length);
      expect(bits.every((bit) => bit < 8 * register.bytes)).toBe(true);
    }
    const names = schema.fields.map(({ name }) => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
    expect(schema.fields.find(({ name }) => name === "RDP")?.width).toBe(8);
  });

  it("changes the wanted field and nothing else, and leaves right complements", () => {
    const scenario = fc.tuple(
      blocksOf(full),
      fc.constantFrom(...schema.fields),
      fc.nat(0xffff_ffff),
    );
    fc.assert(
      fc.property(scenario, ([blocks, field, raw]) => {
        const wanted = raw % 2 ** field.width;
        const written = encodeOptions(schema, blocks, new Map([[field.name, wanted]]));
        // H7 programs the second of each pair: what was programmed is current after the reset.
        const loaded = written.map((block) => block.slice());
        for (const { zone, offset, programOffset, bytes } of schema.registers) {
          if (programOffset === undefined) continue;
          loaded[zone]?.copyWithin(offset, programOffset, programOffset + bytes);
        }
        const expected = decodeOptions(schema, blocks).map(({ name, value }) => [
          name,
          name === field.name ? wanted : value,
        ]);
        const seen = decodeOptions(schema, loaded).map(({ name, value }) => [name, value]);
        expect(seen).toEqual(expected);
        expect(complementErrors(schema, written)).toEqual([]);
        expect(blocks.every((block, zone) => differentBytes(block, written, zone))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  /** Bytes that belong to no register are as they were. */
  function differentBytes(before: Uint8Array, written: readonly Uint8Array[], zone: number) {
    const covered = new Set(
      schema.registers
        .filter((register) => register.zone === zone)
        .flatMap(({ offset, bytes }) => Array.from({ length: 2 * bytes }, (_, at) => offset + at)),
    );
    return before.every((byte, at) => covered.has(at) || byte === written[zone]?.[at]);
  }

  it("shows of a shorter block only what is whole, and never fails", () => {
    const scenario = fc.integer({ min: 0, max: full }).chain(blocksOf);
    fc.assert(
      fc.property(scenario, (blocks) => {
        const shown = visibleFields(schema, blocks);
        expect(decodeOptions(schema, blocks)).toHaveLength(shown.length);
        expect(encodeOptions(schema, blocks, new Map()).map(({ length }) => length)).toEqual(
          blocks.map(({ length }) => length),
        );
      }),
      { numRuns: 60 },
    );
  });
});
