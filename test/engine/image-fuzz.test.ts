import { expect, it } from "vitest";
import { mutate, Random } from "../fuzz/mutate.ts";
import { SEEDS, WORDS } from "../fuzz/seeds.ts";
import { TARGET_NAMES, tryTarget } from "../fuzz/targets.ts";

/** A short run without coverage; `npm run fuzz` is the long one. */
const RUNS = 400;

it.each(TARGET_NAMES)("reads or refuses damaged input: %s", (name) => {
  const random = new Random(20_261_122);
  const seeds = SEEDS[name] ?? [];
  const words = WORDS[name] ?? seeds;
  for (const seed of seeds) expect(tryTarget(name, seed)).toBeUndefined();
  for (let run = 0; run < RUNS; run += 1) {
    const input = mutate(random.pick(seeds) ?? new Uint8Array(0), random, words);
    expect({ input, wrong: tryTarget(name, input) }).toEqual({ input, wrong: undefined });
  }
});

it("tells a crash from a refusal", () => {
  expect(tryTarget("layout", new Uint8Array(0))).toBeUndefined();
  const notBytes = Object.create(null, {
    buffer: {
      get() {
        throw new TypeError("no bytes");
      },
    },
  }) as Uint8Array;
  expect(tryTarget("hex", notBytes)).toMatch(/TypeError/);
});
