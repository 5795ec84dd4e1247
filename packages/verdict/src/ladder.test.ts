import { describe, expect, it } from "vitest";
import { FRESH } from "./evidence.ts";
import { climb, NEW_STANDING, repair, type Standing } from "./ladder.ts";

const withR = (r: number, d = 1) => ({ lower: r, higher: r, d });
const at = (rung: Standing["rung"], isRepaired = false): Standing => ({
  rung,
  isRepaired,
  evidence: withR(2e6),
});

describe("climb", () => {
  it("goes up as R grows, several rungs at once where it must", () => {
    const rungs = [9_999, 10_000, 100_000, 1_000_000].map(
      (r) => climb(NEW_STANDING, withR(r), 3).rung,
    );
    expect(rungs).toEqual(["OK", "WATCH", "SUSPECT", "QUARANTINE"]);
  });

  it("proposes no quarantine for incidents on two units", () => {
    expect(climb(NEW_STANDING, withR(1e9), 2).rung).toBe("SUSPECT");
  });

  it("asks for evidence of health from after the step up", () => {
    const up = climb(at("WATCH"), withR(1e5, 900), 3);
    expect(up).toMatchObject({ rung: "SUSPECT", evidence: { d: 1 } });
  });

  it("lets WATCH fade, and nothing above it", () => {
    expect(climb(at("WATCH"), withR(333), 3).rung).toBe("WATCH");
    expect(climb(at("WATCH"), withR(332), 3).rung).toBe("OK");
    expect(climb(at("SUSPECT"), withR(1, 999), 3).rung).toBe("SUSPECT");
    expect(climb(at("QUARANTINE"), withR(1, 1000), 3)).toEqual(NEW_STANDING);
  });

  it("believes a recorded repair at twenty, and no longer once the fault shows again", () => {
    const repaired = repair(at("SUSPECT"));
    expect(repaired).toEqual({ rung: "SUSPECT", evidence: FRESH, isRepaired: true });
    expect(climb(repaired, withR(400, 19), 0)).toMatchObject({ rung: "SUSPECT", isRepaired: true });
    expect(climb(repaired, withR(400, 20), 0)).toEqual(NEW_STANDING);
    const again = climb(repaired, withR(1e5, 5), 3);
    expect(again).toMatchObject({ rung: "SUSPECT", isRepaired: false, evidence: { d: 1 } });
    expect(climb(again, withR(400, 20), 0).rung).toBe("SUSPECT");
  });

  it("has nothing to confirm after a repair of a host that was OK", () => {
    expect(repair(NEW_STANDING)).toEqual(NEW_STANDING);
  });
});
