import { describe, expect, it } from "vitest";
import { decide, type GuardedHost } from "./decide.ts";

const healthy = (id: string, line = "L1"): GuardedHost => ({
  id,
  line,
  rung: "OK",
  r: 300,
  heldBy: null,
  step: null,
});
const bad = (id: string, r: number, line = "L1"): GuardedHost => ({
  id,
  line,
  rung: "QUARANTINE",
  r,
  heldBy: null,
  step: `step ${id}`,
});
const told = (hosts: readonly GuardedHost[]) =>
  decide(hosts).map(({ host, spared }) => [host.id, spared ?? "held"]);
const many = (count: number, line: string) =>
  Array.from({ length: count }, (_, at) => healthy(`${line}-${at}`, line));

describe("the guard", () => {
  it("holds the host that the verdict proposes", () => {
    expect(told([bad("a", 2e6), ...many(5, "L1")])).toEqual([["a", "held"]]);
  });

  it("never takes the last healthy host of a line away", () => {
    expect(told([bad("a", 2e6, "L9"), ...many(5, "L1")])).toEqual([["a", "last-of-line"]]);
    const suspect = { ...healthy("b", "L9"), rung: "SUSPECT" } as const;
    expect(told([bad("a", 2e6, "L9"), suspect, ...many(5, "L1")])).toEqual([["a", "last-of-line"]]);
    const held = { ...healthy("b", "L9"), heldBy: "person" } as const;
    expect(told([bad("a", 2e6, "L9"), held, ...many(5, "L1")])).toEqual([["a", "last-of-line"]]);
  });

  it("holds a third of the hosts at most, those with the most evidence, with what it held before", () => {
    const hosts = [bad("a", 2e6), bad("b", 9e6), bad("c", 5e6), ...many(5, "L1")];
    expect(told(hosts)).toEqual([
      ["b", "held"],
      ["c", "held"],
      ["a", "too-many"],
    ]);
    const before = { ...bad("d", 3e6), heldBy: "guard" } as const;
    expect(told([before, bad("a", 2e6), ...many(3, "L1")])).toEqual([["a", "too-many"]]);
    expect(told([bad("a", 2e6), healthy("x")])).toEqual([["a", "too-many"]]);
  });

  it("leaves to a person what a person has lifted, and what is held already", () => {
    const lifted = { ...bad("a", 2e6), step: null };
    const held = { ...bad("b", 2e6), heldBy: "person" } as const;
    expect(told([lifted, held, ...many(6, "L1")])).toEqual([]);
  });
});
