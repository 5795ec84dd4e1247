import { expect, it } from "vitest";
import { tryBounded } from "../fuzz/bounded.ts";
import { mutate, Random } from "../fuzz/mutate.ts";
import { SEEDS, WORDS } from "../fuzz/seeds.ts";
import { TARGET_NAMES, TARGETS, tryTarget } from "../fuzz/targets.ts";

/** A short run without coverage; `npm run fuzz` is the long one. */
const RUNS = 400;
/** On a busy machine it ends earlier. */
const MOST_MS = 1000;

it.each(TARGET_NAMES)("reads or refuses damaged input in little memory: %s", (name) => {
  const random = new Random(20_261_122);
  const seeds = SEEDS[name] ?? [];
  const words = WORDS[name] ?? seeds;
  for (const seed of seeds) expect(tryTarget(name, seed)).toBeUndefined();
  const end = performance.now() + MOST_MS;
  for (let run = 0; run < RUNS && performance.now() < end; run += 1) {
    const input = mutate(random.pick(seeds) ?? new Uint8Array(0), random, words);
    const wrong = tryBounded(tryTarget, name, input);
    if (wrong !== undefined) expect.fail(`${Buffer.from(input).toString("hex")}: ${wrong}`);
  }
});

it("reads every seed of what is written in one form only: a reader that refuses all finds nothing", () => {
  const exact = ["snapshot", "public-key", "secret-key", "signature", "script", "fault"];
  const refused = exact.filter((name) => (SEEDS[name] ?? []).some((seed) => !reads(name, seed)));
  expect(refused).toEqual([]);
});

it("tells a crash, and memory that is out of proportion, from a refusal", () => {
  expect(tryTarget("layout", new Uint8Array(0))).toBeUndefined();
  const notBytes = Object.create(null, {
    buffer: {
      get() {
        throw new TypeError("no bytes");
      },
    },
  }) as Uint8Array;
  expect(tryTarget("hex", notBytes)).toMatch(/TypeError/);
  const kept: Uint8Array[] = [];
  const greedy = () => {
    kept.push(new Uint8Array(1024 * 1024));
    return undefined;
  };
  expect(tryBounded(greedy, "any", new Uint8Array(8))).toMatch(/took 1048576 bytes/);
});

/** The target ran to its end. */
function reads(name: string, seed: Uint8Array): boolean {
  try {
    TARGETS[name]?.(seed);
    return true;
  } catch {
    return false;
  }
}
