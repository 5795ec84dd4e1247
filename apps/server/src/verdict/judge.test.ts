import { describeGrounds } from "@flashline/contract";
import { describe, expect, it } from "vitest";
import { randomFrom } from "../testing/random.ts";
import { judgeHosts } from "./judge.ts";
import type { HostRow } from "./strata.ts";
import { fisherUpper } from "./tables.ts";

/** `units` units at a host, the first `incidents` of them with a link incident. */
function units(
  host: string,
  stratum: string,
  count: number,
  incidents: number,
  failed = 0,
  passedElsewhere = 0,
): HostRow[] {
  return Array.from({ length: count }, (_, i) => ({
    host,
    stratum,
    unit: `${host}/${stratum}/${i}`,
    incident: i < incidents,
    failed: i < failed,
    passedElsewhere: i < passedElsewhere,
  }));
}

const judged = (rows: HostRow[], host: string) => {
  const found = judgeHosts(rows).find((judgement) => judgement.host === host);
  if (found === undefined) expect.fail(`${host} was not judged`);
  return found;
};

describe("judgeHosts", () => {
  it("names the bad host with its figures", () => {
    const rows = [...units("L3-07", "r1", 84, 13, 4, 3), ...units("others", "r1", 3912, 61)];
    const found = judged(rows, "L3-07");
    expect(found.verdict).toBe("SUSPECT");
    expect(found.p).toBeCloseTo(2.25805939569211e-9, 15);
    expect(found.adjustedP).toBeCloseTo(4.51611879e-9, 15);
    expect(found.expected).toBeCloseTo(61 / 3912, 12);
    expect(found.linkIncidents).toMatchObject({ count: 13, n: 84 });
    expect(describeGrounds(found.grounds)).toBe(
      "13 of 84 units lost the link here; 61 of 3,912 on the other hosts with the same releases and batches. 4 units failed here; 3 of them passed elsewhere.",
    );
    expect(judged(rows, "others").verdict).toBe("OK");
  });

  it.each([
    [0, 0, /batches\.$/],
    [1, 0, / 1 unit failed here and has not passed elsewhere so far\.$/],
    [1, 1, / 1 unit failed here and has passed elsewhere\.$/],
    [3, 0, / 3 units failed here; none of them has passed elsewhere so far\.$/],
    [3, 3, / 3 units failed here; all of them passed elsewhere\.$/],
  ])(
    "tells what became of %i failed units, %i of which passed elsewhere",
    (failed, passed, ending) => {
      const rows = [...units("a", "r1", 84, 13, failed, passed), ...units("b", "r1", 3912, 61)];
      expect(describeGrounds(judged(rows, "a").grounds)).toMatch(ending);
    },
  );

  it("does not judge a host that nobody can be compared with", () => {
    const rows = [...units("a", "r1/b1", 50, 40), ...units("b", "r1/b2", 500, 5)];
    const found = judged(rows, "a");
    expect(found).toMatchObject({ verdict: "NOT_ENOUGH_DATA", p: null, expected: null });
    expect(describeGrounds(found.grounds)).toBe(
      "40 of 50 units lost the link here. No other host worked on the same releases and batches: there is nothing to compare with.",
    );
  });

  it("leaves strata without a comparison out and says so", () => {
    const rows = [
      ...units("a", "r1/b1", 30, 0),
      ...units("a", "r1/b2", 25, 25),
      ...units("b", "r1/b1", 400, 4),
    ];
    const found = judged(rows, "a");
    expect(found.verdict).toBe("OK");
    expect(describeGrounds(found.grounds)).toContain("0 of 30 units lost the link here; 4 of 400");
    expect(describeGrounds(found.grounds)).toContain(
      "25 units here have releases or batches that no other host",
    );
  });

  it("says that too few is too few, and still points at a glaring one", () => {
    const others = units("b", "r1", 1000, 10);
    const few = judged([...units("a", "r1", 12, 1), ...others], "a");
    expect(few.verdict).toBe("NOT_ENOUGH_DATA");
    expect(describeGrounds(few.grounds)).toBe(
      "1 of 12 units lost the link here; 10 of 1,000 on the other hosts with the same releases and batches. Too few units to judge.",
    );
    expect(judged([...units("a", "r1", 10, 3), ...others], "a").verdict).toBe("WATCH");
    expect(judged([...units("a", "r1", 19, 19), ...others], "a").verdict).toBe("WATCH");
    expect(judged([...units("a", "r1", 20, 19), ...others], "a").verdict).toBe("SUSPECT");
  });

  it("watches what is likely but not proven, and never on two units", () => {
    const others = units("b", "r1", 1000, 30);
    expect(judged([...units("a", "r1", 40, 4), ...others], "a").verdict).toBe("WATCH");
    expect(judged([...units("a", "r1", 40, 2), ...units("b", "r1", 1000, 0)], "a").verdict).toBe(
      "OK",
    );
  });

  it("counts a unit once, however often it lost the link there", () => {
    const again = Array.from({ length: 30 }, () => units("a", "r1", 1, 1)).flat();
    const rows = [...units("a", "r1", 40, 1), ...again, ...units("b", "r1", 400, 4)];
    const found = judged(rows, "a");
    expect(found.verdict).toBe("OK");
    expect(found.linkIncidents).toMatchObject({ count: 1, n: 40 });
  });

  it("calls a proven but small difference no defect", () => {
    const rows = [...units("a", "r1", 4000, 240), ...units("b", "r1", 40_000, 1600)];
    const found = judged(rows, "a");
    expect(found.adjustedP).toBeLessThan(0.01);
    expect(found.verdict).toBe("OK");
  });
});

describe("a plant of 20 hosts with one bad controller and one bad batch", () => {
  const RUNS = 40;
  const HOSTS = 20;
  const UNITS = 100;

  /** h1 has a bad controller (15 % instead of 2 %); h0 is innocent, but works off most of a batch where 15 % fail. */
  function shift(seed: number): HostRow[] {
    const next = randomFrom(seed);
    return Array.from({ length: HOSTS * UNITS }, (_, i) => {
      const host = i % HOSTS;
      const bad = host === 0 ? next() < 0.8 : next() < 0.05;
      const rate = bad || host === 1 ? 0.15 : 0.02;
      return {
        host: `h${host}`,
        stratum: bad ? "r1/bad" : `r1/b${Math.floor(next() * 4)}`,
        unit: `u${i}`,
        incident: next() < rate,
        failed: false,
        passedElsewhere: false,
      };
    });
  }

  /** What a plain comparison with all others, blind to batches, says of h0. */
  function plain(rows: HostRow[]): number {
    const here = rows.filter(({ host }) => host === "h0");
    const others = rows.filter(({ host }) => host !== "h0");
    return fisherUpper({
      hereUnits: here.length,
      hereIncidents: here.filter(({ incident }) => incident).length,
      elsewhereUnits: others.length,
      elsewhereIncidents: others.filter(({ incident }) => incident).length,
    });
  }

  const shifts = Array.from({ length: RUNS }, (_, i) => shift(i + 1));
  const flagged = (rows: HostRow[]) =>
    judgeHosts(rows)
      .filter(({ verdict }) => verdict === "SUSPECT")
      .map(({ host }) => host);

  it("finds the bad host and leaves the innocent one alone, which the plain test blames", () => {
    const found = shifts.map(flagged);
    const blamedByPlainTest = shifts.filter((rows) => plain(rows) < 0.01 / HOSTS).length;
    expect(blamedByPlainTest).toBeGreaterThan(RUNS / 2);
    expect(found.filter((hosts) => hosts.includes("h0")).length).toBe(0);
    expect(found.filter((hosts) => hosts.includes("h1")).length).toBeGreaterThan(RUNS * 0.9);
    expect(found.flat().filter((host) => host !== "h1")).toHaveLength(0);
  });
});
