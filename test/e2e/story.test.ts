import { expect, test } from "vitest";
import { demo } from "./support/demo.ts";

/** The main story with real processes: what is in the line is what the server says. */
test("a line of six hosts: the bad one is found, held with its evidence, repaired and confirmed, and no other is blamed", {
  timeout: 600_000,
}, async () => {
  const { code, lines, stderr } = await demo("--story", "--json");
  const told = JSON.parse(lines.at(-1) ?? "");
  expect(told, stderr).toMatchObject({ asTold: true, wronglyBlamed: [], heldFor: "host" });
  const { badHost, repairedHost, line } = told.firstPass;
  expect(badHost.share).toBeLessThan(line.share);
  expect(repairedHost.share).toBeGreaterThan(badHost.share);
  expect(stderr).toContain("Put a USB 2.0 hub in between");
  expect(code).toBe(0);
});
