import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Detector } from "./detector.ts";
import { FRESH, faultEvidence } from "./evidence.ts";
import type { DetectorChanges, DetectorState } from "./state.ts";
import { outcomesOf } from "./testing/expectation.ts";
import { every, never, turns, visitMaker } from "./testing/visits.ts";
import type { Visit } from "./visit.ts";

/** A visit, or the name of a host that was repaired. */
type Event = Visit | string;

function play(events: Iterable<Event>, detector = new Detector()): Detector {
  for (const event of events) {
    if (typeof event === "string") detector.repaired(event);
    else detector.receive(event);
  }
  return detector;
}

const rungOf = (detector: Detector, host: string) =>
  detector.node("controller", host)?.standing.rung;
const healthy = (...hosts: readonly string[]) =>
  Object.fromEntries(hosts.map((host, at) => [host, every(50, 7 * (at + 1))]));

/** Steps of the ladder of one host, in order. */
function stepsOf(detector: Detector, host: string, visits: Iterable<Visit>): readonly string[] {
  const steps: string[] = [];
  for (const visit of visits) {
    for (const { name, from, to } of detector.receive(visit).lessons) {
      if (name === host && from !== to) steps.push(to);
    }
  }
  return steps;
}

describe("the evidence against a host", () => {
  const SIZES = { n: 2, m: 22 };
  /** One block: the judged host first, and who it is compared with. */
  const block = function* (split: { n: number; y: number; m: number; c: number }) {
    const make = visitMaker();
    for (let k = 0; k < split.n; k += 1) yield make({ host: "a", incident: k < split.y });
    for (let k = 0; k < split.m; k += 1) yield make({ host: "b", incident: k < split.c });
  };
  const expectedR = (rate: number, ratio: number, before: readonly Event[] = []) =>
    outcomesOf(SIZES, rate, ratio).reduce((sum, { split, probability }) => {
      const node = play([...before, ...block(split)]).node("controller", "a");
      return (
        sum + probability * faultEvidence(node?.standing.evidence ?? { lower: 0, higher: 0, d: 0 })
      );
    }, 0);

  /** P(any incident): a block without one says nothing. */
  const anyIncident = (rate: number, ratio: number) => {
    const odds = (rate * ratio) / (1 - rate + rate * ratio);
    return 1 - (1 - rate) ** SIZES.m * (1 - odds) ** SIZES.n;
  };

  it("grows by no more than its units on average while the host is healthy, whatever the rate", () => {
    for (const rate of [0.001, 0.02, 0.3]) {
      expect(expectedR(rate, 1.25)).toBeCloseTo(500 + SIZES.n * anyIncident(rate, 1.25), 6);
      expect(expectedR(rate, 1)).toBeLessThan(500 + SIZES.n);
    }
    expect(expectedR(0.02, 5)).toBeGreaterThan(700);
  });

  it("does so from block to block, whatever the block before showed; by blocks that say nothing up to where it began", () => {
    const rested = (r: number) => Math.max(r, Math.min(500, r + SIZES.n));
    for (const y of [0, 1, 2]) {
      const before = [...block({ ...SIZES, y, c: 1 })];
      const known = play(before).node("controller", "a")?.standing.evidence;
      if (known === undefined) return expect.fail("nothing was learned");
      const any = anyIncident(0.05, 1.25);
      const mute = { ...known, lower: rested(known.lower), higher: rested(known.higher) };
      expect(expectedR(0.05, 1.25, before)).toBeCloseTo(
        any * (faultEvidence(known) + SIZES.n) + (1 - any) * faultEvidence(mute),
        6,
      );
    }
  });

  it("is that of a new host again where nothing went wrong for long enough", () => {
    const make = visitMaker();
    const quiet = { a: never, b: never, c: never, d: never };
    const detector = play([
      ...turns(make, { a: every(30), b: every(20), c: every(20), d: every(20) }, 600),
      ...turns(make, quiet, 48),
    ]);
    const r = () => faultEvidence(detector.node("controller", "a")?.standing.evidence ?? FRESH);
    const before = r();
    expect(before).toBeLessThan(100);
    play(turns(make, quiet, 24), detector);
    expect(r()).toBeCloseTo(before + 24, 9);
    play(turns(make, quiet, 2000), detector);
    expect(r()).toBe(500);
    expect(detector.node("controller", "a")?.since).toBeUndefined();
  });

  it("says nothing of a plant where nothing goes wrong, and stays a number where everything does", () => {
    const quiet = play(turns(visitMaker(), { a: never, b: never }, 20_000));
    expect(quiet.node("controller", "a")?.standing.evidence).toEqual({
      lower: 500,
      higher: 500,
      d: 1,
    });
    const bad = play(turns(visitMaker(), { a: every(1), b: every(40), c: every(30) }, 4000));
    expect(JSON.parse(JSON.stringify(bad.state()))).toEqual(bad.state());
    expect(bad.node("controller", "a")?.standing).toMatchObject({ evidence: { higher: 1e9 } });
    const well = play(
      turns(visitMaker(), { a: never, b: every(4), c: every(4), d: every(4) }, 3000),
    );
    expect(well.node("controller", "a")?.standing).toMatchObject({
      rung: "OK",
      evidence: { d: 1e9 },
    });
  });
});

describe("Detector", () => {
  it("takes a host that fails every fifth unit up the ladder, with what it saw", () => {
    const detector = new Detector();
    const hosts = { bad: every(5, 1), ...healthy("a", "b", "c", "d", "e") };
    expect(stepsOf(detector, "bad", turns(visitMaker(), hosts, 80))).toEqual([
      ...["WATCH", "SUSPECT", "QUARANTINE"],
    ]);
    expect(detector.blame("bad")).toEqual({ level: "controller", name: "bad" });
    expect(detector.node("controller", "bad")?.since).toMatchObject({
      failed: ["unit 1", "unit 31", "unit 61"],
    });
    for (const host of ["a", "b", "c", "d", "e"]) {
      expect(rungOf(detector, host)).toBe("OK");
      expect(detector.blame(host)).toBeUndefined();
    }
  });

  it("tells when the first unit was received, also where that was before a unit that was counted first", () => {
    const detector = new Detector();
    const visits = turns(visitMaker(), { a: never, bad: every(1) }, 12);
    for (const visit of visits) {
      const { at } = visit;
      detector.receive(visit.unit === "unit 2" ? { ...visit, receivedAt: at - 90_000 } : visit);
    }
    expect(detector.node("controller", "bad")?.since?.at).toBe(2 * 60_000 - 90_000);
  });

  it("blames nobody for a bad batch, and the release beside what the same hosts made", () => {
    const make = visitMaker();
    const names = ["a", "b", "c", "d"];
    const detector = new Detector();
    // Host a gets most of the bad batch: every fourth unit of it fails, wherever it is.
    const bad: Record<string, number> = {};
    for (const visit of turns(make, healthy(...names), 400)) {
      const k = Number(visit.unit.slice(5));
      const inBad = k % (visit.host === "a" ? 7 : 19) < (visit.host === "a" ? 5 : 3);
      if (!inBad) detector.receive(visit);
      else {
        bad[visit.host] = (bad[visit.host] ?? 0) + 1;
        detector.receive({ ...visit, stratum: "bad", incident: (bad[visit.host] ?? 0) % 4 === 0 });
      }
    }
    for (const name of names) expect(rungOf(detector, name), name).toBe("OK");
    expect(detector.node("release", "bad")?.standing.rung).toBe("QUARANTINE");
    expect(detector.node("release", "1.0 batch A")?.standing.rung).toBe("OK");
  });

  it("counts little for a host that gets a bad panel of boards that are known as bad", () => {
    const others = ["b", "c", "d", "e", "f"];
    const rAfter = (share: number) => {
      const make = visitMaker();
      const detector = new Detector();
      for (let k = 0; k < 300; k += 1) {
        // Three panels at host a of which five boards of six lose the link. Before, all hosts had the same share.
        const isPanel = k >= 276;
        const incident = (at: number) =>
          Math.floor((k + at) * share) > Math.floor((k + at - 1) * share);
        detector.receive(make({ host: "a", incident: isPanel ? k % 6 !== 0 : incident(0) }));
        for (const [at, host] of others.entries())
          detector.receive(make({ host, incident: incident(at) }));
      }
      const node = detector.node("controller", "a");
      return faultEvidence(node?.standing.evidence ?? { lower: 0, higher: 0, d: 0 });
    };
    expect(rAfter(0.02)).toBeGreaterThan(100_000);
    expect(rAfter(0.3)).toBeLessThan(1000);
  });

  it("blames no model for the first incidents of one bad host", () => {
    const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const like = (host: string) => ({ model: host < "d" ? "fast" : "slow" });
    const make = visitMaker();
    const well = Object.fromEntries(names.map((host) => [host, never]));
    const detector = play(turns(make, well, 9, like));
    // One block. Host b loses the link all the time, and was not known as the worst of its model before.
    let r = 0;
    for (const host of ["b", "b", "b", "b", ...names, ...names, "d", "e", "f", "g"]) {
      const { lessons } = detector.receive(make({ host, incident: host === "b", ...like(host) }));
      for (const one of lessons) if (one.level === "model" && one.name === "fast") r = one.r;
    }
    expect(r).toBeGreaterThan(10_000);
    expect(detector.node("model", "fast")?.standing.rung).toBe("OK");
    expect(detector.blame("b")).toEqual({ level: "controller", name: "b" });
    expect(detector.blame("a")).toBeUndefined();
  });

  it("names the model also at a host of it that does not stand out by itself", () => {
    const make = visitMaker();
    const detector = new Detector();
    const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    const like = (host: string) => ({ model: host < "f" ? "fast" : "slow" });
    for (let k = 1; detector.blame("e") === undefined && k < 400; k += 1)
      for (const [at, host] of names.entries()) {
        const step = host === "e" ? 40 : host < "e" ? 6 : 50;
        detector.receive(make({ host, incident: (k + at) % step === 0, ...like(host) }));
      }
    expect(rungOf(detector, "e")).toBe("OK");
    expect(detector.blame("e")).toEqual({ level: "model", name: "fast" });
    expect(detector.blame("f")).toBeUndefined();
  });

  it("finds both of two bad hosts of three", () => {
    const hosts = { one: every(3), two: every(4), good: every(60) };
    const detector = play(turns(visitMaker(), hosts, 400));
    expect(["one", "two", "good"].map((host) => rungOf(detector, host))).toEqual([
      ...["QUARANTINE", "QUARANTINE", "OK"],
    ]);
  });

  it("clears a host that nobody said was repaired once enough units went well, and sooner one that was", () => {
    const hosts = { bad: every(4, 1), ...healthy("a", "b", "c", "d", "e") };
    const well = { ...hosts, bad: never };
    const clearedAfter = (isRecorded: boolean) => {
      const make = visitMaker();
      const detector = play(turns(make, hosts, 60));
      expect(rungOf(detector, "bad")).toBe("QUARANTINE");
      if (isRecorded) detector.repaired("bad");
      let units = 0;
      for (const visit of turns(make, well, 1000)) {
        if (visit.host === "bad") units += 1;
        detector.receive(visit);
        if (rungOf(detector, "bad") === "OK") return units;
      }
      return Number.POSITIVE_INFINITY;
    };
    const [recorded, alone] = [clearedAfter(true), clearedAfter(false)];
    expect(recorded).toBeLessThan(120);
    expect(alone).toBeGreaterThan(recorded);
    expect(alone).toBeLessThan(450);
  });

  it("counts nothing from before a repair, not even what is in an open block", () => {
    const make = visitMaker();
    const hosts = { bad: every(1), a: never, b: never };
    const detector = play(turns(make, hosts, 43));
    expect(detector.state().blocks.length).toBeGreaterThan(0);
    detector.repaired("bad");
    const node = detector.node("controller", "bad");
    expect(node?.standing).toMatchObject({
      isRepaired: true,
      evidence: { lower: 500, higher: 500, d: 1 },
    });
    expect(node?.since).toBeUndefined();
    expect(detector.host("bad")).toMatchObject({ past: { observed: 0 }, lately: { visits: "" } });
    const told = JSON.stringify(detector.state().blocks);
    expect(told).not.toContain("bad");
    detector.repaired("nobody has heard of it");
    expect(JSON.stringify(detector.state().blocks)).toBe(told);
  });

  it("names the port, the controller, the PC or the model, whichever is the narrowest that explains it", () => {
    const pcs = ["p", "q", "r", "s", "t", "u"];
    const blamed = (isBad: (host: string, k: number) => boolean) => {
      const detector = new Detector();
      const make = visitMaker();
      for (let k = 1; k <= 200; k += 1) {
        for (const pc of pcs) {
          for (const model of ["fast", "slow"]) {
            const host = `${pc} ${model}`;
            const port = String(k % 4);
            const incident = isBad(host, k)
              ? (k >> 2) % 3 === 0
              : k % 50 === pc.charCodeAt(0) - 108;
            detector.receive(make({ host, pc, model, port, incident }));
          }
        }
      }
      return detector.blame("p fast");
    };
    expect(blamed((host, k) => host === "p fast" && k % 4 === 2)).toEqual({
      level: "port",
      name: "2",
    });
    expect(blamed((host) => host === "p fast")).toEqual({ level: "controller", name: "p fast" });
    expect(blamed((host) => host.startsWith("p"))).toEqual({ level: "pc", name: "p" });
    expect(blamed((host) => /[pqr] fast/.test(host))).toEqual({ level: "model", name: "fast" });
  });

  it("flags a host of a short line that has nobody to be compared with, and blames nobody", () => {
    const flagsOf = (hosts: Readonly<Record<string, (k: number) => boolean>>) => {
      const detector = new Detector();
      const flags: unknown[] = [];
      // Each host works on a batch of its own.
      for (const visit of turns(visitMaker(), hosts, 200, (host) => ({ stratum: host }))) {
        const { flagged } = detector.receive(visit);
        if (flagged !== undefined) flags.push([visit.host, flagged]);
      }
      expect(detector.blame("a")).toBeUndefined();
      return flags;
    };
    const bad = { a: every(5, 60) };
    expect(flagsOf({ ...bad, b: never, c: never })).toEqual([["a", true]]);
    expect(flagsOf({ ...bad, b: never, c: never, d: never })).toEqual([]);
  });

  const DAY_MS = 24 * 3_600_000;

  it("counts no host as one of the plant that has had no visit for fourteen days", () => {
    const bad = { d: every(2), e: every(2), f: every(2) };
    const detector = play(turns(visitMaker(), { ...healthy("a", "b", "c"), ...bad }, 60));
    const splitsAt = (from: number) => {
      const splits: unknown[] = [];
      for (const visit of turns(visitMaker(from), { a: never, b: never, c: never }, 40)) {
        for (const { name, split } of detector.receive(visit).lessons) {
          if (name === "a" && split.n === 8) splits.push(split.m);
        }
      }
      return splits;
    };
    // The two worst of six are left out, and neither of them is here; later the worst one of three.
    expect(new Set(splitsAt(DAY_MS))).toEqual(new Set([16]));
    expect(splitsAt(16 * DAY_MS).at(-1)).toBe(8);
  });

  it("forgets a release that nobody has worked on for thirty days", () => {
    const detector = new Detector();
    const work = (strata: readonly string[], from: number) =>
      play(
        turns(visitMaker(from), { a: every(15), b: never }, 60, (_, k) => ({
          stratum: strata[k % strata.length] ?? "",
        })),
        detector,
      );
    work(["old", "new"], 0);
    expect(detector.node("release", "old")).toBeDefined();
    // What is open closes on the next day.
    work(["new"], DAY_MS);
    detector.changes();
    work(["new", "newer"], 32 * DAY_MS);
    expect(detector.node("release", "old")).toBeUndefined();
    expect(detector.changes().gone.nodes).toEqual([{ level: "release", name: "old" }]);
  });

  const event = fc.oneof(
    {
      weight: 60,
      arbitrary: fc.record({
        host: fc.constantFrom("a 1", "a 2", "b 1", "c 1"),
        stratum: fc.constantFrom("x", "y", "1"),
        port: fc.constantFrom("1", "2"),
        hub: fc.constantFrom("h", undefined),
        incident: fc.integer({ min: 0, max: 4 }).map((k) => k === 0),
        waitMs: fc.constantFrom(1000, 60_000, 5_000_000),
      }),
    },
    { weight: 1, arbitrary: fc.constantFrom("a 1", "c 1") },
  );
  const events = fc.array(event, { minLength: 100, maxLength: 300 }).map((list) => {
    let at = 0;
    return list.map((one, unit): Event => {
      if (typeof one === "string") return one;
      at += one.waitMs;
      const [pc = "", model = ""] = one.host.split(" ");
      return { ...one, pc, model, line: "line", unit: `unit ${unit}`, at };
    });
  });
  /** As PostgreSQL may give it back: members and rows in another order. */
  const stored = (state: DetectorState): DetectorState => {
    const { hosts, nodes, blocks, boards, rate } = JSON.parse(
      JSON.stringify(state),
    ) as DetectorState;
    return {
      rate,
      boards: boards.toReversed(),
      blocks: blocks.toReversed(),
      nodes: nodes.toReversed(),
      hosts: hosts.toReversed(),
    };
  };
  const sorted = ({ hosts, nodes, blocks, boards, rate }: DetectorState) => ({
    rate,
    boards: boards.toSorted((a, b) => (a.stratum < b.stratum ? -1 : 1)),
    hosts: hosts.toSorted((a, b) => (a.host < b.host ? -1 : 1)),
    nodes: nodes.toSorted((a, b) => (a.level + a.name < b.level + b.name ? -1 : 1)),
    blocks: blocks.toSorted((a, b) => (a.of + a.name < b.of + b.name ? -1 : 1)),
  });

  it("comes to the same state, stored and read back after any event", () => {
    fc.assert(
      fc.property(events, fc.nat(300), fc.nat(300), (list, one, two) => {
        const [first, second] = [Math.min(one, two), Math.max(one, two)];
        const whole = play(list);
        let parts = play(list.slice(0, first));
        parts = play(list.slice(first, second), new Detector(stored(parts.state())));
        parts = play(list.slice(second), new Detector(stored(parts.state())));
        expect(sorted(parts.state())).toEqual(sorted(JSON.parse(JSON.stringify(whole.state()))));
      }),
      { numRuns: 30 },
    );
  });

  it("tells what to write so that a stored state is the same", () => {
    fc.assert(
      fc.property(events, fc.integer({ min: 1, max: 40 }), (list, batch) => {
        const detector = new Detector();
        const rows = new Map<string, unknown>();
        const write = ({ hosts, nodes, blocks, boards, gone }: DetectorChanges) => {
          for (const one of boards) rows.set(`boards ${one.stratum}`, one);
          for (const { stratum } of gone.boards) rows.delete(`boards ${stratum}`);
          for (const host of hosts) rows.set(`host ${host.host}`, host);
          for (const node of nodes) rows.set(`${node.level} ${node.name}`, node);
          for (const block of blocks) rows.set(`block ${block.of} ${block.name}`, block);
          for (const { of, name } of gone.blocks) rows.delete(`block ${of} ${name}`);
          for (const { level, name } of gone.nodes) rows.delete(`${level} ${name}`);
        };
        for (let at = 0; at < list.length; at += batch) {
          play(list.slice(at, at + batch), detector);
          write(detector.changes());
        }
        const { hosts, nodes, blocks, boards } = detector.state();
        expect(new Set(rows.values())).toEqual(new Set([...hosts, ...nodes, ...blocks, ...boards]));
        expect(detector.changes()).toMatchObject({ hosts: [], nodes: [], blocks: [], boards: [] });
      }),
      { numRuns: 30 },
    );
  });
});
