import { describe, expect, it } from "vitest";
import { FIRST_RATE, type Flag, flagAfter, NO_FLAG, rateAfter } from "./line.ts";

const flag = (from: Flag, incidents: readonly boolean[]): Flag =>
  incidents.reduce((now, isIncident) => flagAfter(now, FIRST_RATE, isIncident), from);
const units = (count: number, every: number) =>
  Array.from({ length: count }, (_, k) => (k + 1) % every === 0);

describe("flagAfter", () => {
  it("adds the logarithm of the likelihood ratio of five times the odds", () => {
    // At 2 % the odds are 1 : 49, five times that 5 : 49.
    expect(flag(NO_FLAG, [true]).sum).toBeCloseTo(Math.log(5 / 54 / 0.02), 12);
    expect(flag({ sum: 3, isRaised: false }, [false]).sum).toBeCloseTo(
      3 + Math.log(49 / 54 / 0.98),
      12,
    );
  });

  it("is raised by a host that fails every fifth unit, and not by one that fails every fiftieth", () => {
    expect(flag(NO_FLAG, units(40, 5)).isRaised).toBe(true);
    expect(flag(NO_FLAG, units(5000, 50)).isRaised).toBe(false);
  });

  it("stays until the sum is back at nothing, however long the fault was", () => {
    const bad = flag(NO_FLAG, units(2000, 3));
    expect(flag(bad, units(150, 151)).isRaised).toBe(true);
    expect(flag(bad, units(200, 201))).toEqual(NO_FLAG);
  });
});

describe("rateAfter", () => {
  it("comes to the rate of the plant", () => {
    const rate = units(20_000, 10).reduce(rateAfter, FIRST_RATE);
    expect(rate.incidents / rate.units).toBeCloseTo(0.1, 2);
  });
});
