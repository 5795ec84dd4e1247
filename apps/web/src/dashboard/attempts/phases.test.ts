import { expect, test } from "vitest";
import { phasesOf } from "./phases.ts";

test("phases stand in the order in which they run, unknown ones last", () => {
  const phases = phasesOf({ later: 10, verify: 30, erase: 60, seal: 0 });
  expect(phases.map((phase) => [phase.name, phase.share])).toEqual([
    ["erase", 0.6],
    ["verify", 0.3],
    ["later", 0.1],
  ]);
});
