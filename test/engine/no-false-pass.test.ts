import { expect, it } from "vitest";
import { neverFalsePass } from "./false-pass.ts";
import { scenario } from "./scenarios.ts";

const RUNS = Number(process.env["FLASHLINE_RUNS"] ?? 1000);
/** Another start for every long run, unless one is to be repeated. */
const SEED = process.env["FLASHLINE_SEED"] ? { seed: Number(process.env["FLASHLINE_SEED"]) } : {};

it(
  `never says PASS over wrong content, nor changes anything beside it, in ${RUNS} runs`,
  async () => {
    const { outcomes, again, preserved, eeprom } = await neverFalsePass(scenario, {
      numRuns: RUNS,
      ...(RUNS > 1000 ? SEED : { seed: 20261122 }),
    });
    // Without these the property would say nothing.
    expect(outcomes.PASS).toBeGreaterThan(RUNS / 10);
    expect(outcomes.FAIL).toBeGreaterThan(RUNS / 10);
    expect(again.PASS).toBeGreaterThan(RUNS / 250);
    expect(again.FAIL).toBeGreaterThan(RUNS / 250);
    expect(preserved).toBeGreaterThan(RUNS / 50);
    expect(eeprom).toBeGreaterThan(RUNS / 50);
  },
  RUNS * 100 + 60_000,
);
