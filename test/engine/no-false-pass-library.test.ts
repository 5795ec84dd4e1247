// Bootloaders on ST's USB Device Library say OK to what is no command: a lost SET_ADDRESS looks like one that was done.
import { expect, it } from "vitest";
import { neverFalsePass } from "./false-pass.ts";
import { libraryScenario } from "./scenarios.ts";

const RUNS = Number(process.env["FLASHLINE_RUNS"] ?? 250);
/** Another start for every long run, unless one is to be repeated. */
const SEED = process.env["FLASHLINE_SEED"] ? { seed: Number(process.env["FLASHLINE_SEED"]) } : {};

it(
  `never says PASS over wrong content on a bootloader of ST's library, nor changes anything beside it, in ${RUNS} runs`,
  async () => {
    const { outcomes, again, preserved } = await neverFalsePass(libraryScenario, {
      numRuns: RUNS,
      ...(RUNS > 250 ? SEED : { seed: 20261128 }),
    });
    // Without these the property would say nothing.
    expect(outcomes.PASS).toBeGreaterThan(RUNS / 10);
    expect(outcomes.FAIL).toBeGreaterThan(RUNS / 10);
    expect(again.PASS).toBeGreaterThan(RUNS / 250);
    expect(again.FAIL).toBeGreaterThan(RUNS / 250);
    expect(preserved).toBeGreaterThan(RUNS / 50);
  },
  RUNS * 400 + 60_000,
);
