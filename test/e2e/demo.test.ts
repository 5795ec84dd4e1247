import { expect, test } from "vitest";
import { demo } from "./support/demo.ts";

/**
 * The whole main job: real server with embedded PostgreSQL, agents, virtual units over USB/IP. The figures in the line are what
 * the server's API says of its database, not what the demo believes.
 */
test("a scripted shift of eight units: seven pass, some after recovery, one fails on purpose", {
  timeout: 180_000,
}, async () => {
  const { code, lines, stderr } = await demo("--once", "--units", "8", "--json");
  expect(
    lines.filter((line) => line.startsWith("{")),
    stderr,
  ).toHaveLength(1);
  const figures: Record<string, unknown> = JSON.parse(lines.at(-1) ?? "");
  expect(Object.keys(figures).slice(0, 4)).toEqual(["units", "passed", "failed", "unknown"]);
  expect(figures, stderr).toMatchObject({
    units: 8,
    passed: 7,
    failed: 1,
    unknown: 0,
    attempts: 8,
    firstPass: 7,
    asPlanned: true,
  });
  expect(figures["recovered"]).toBeGreaterThanOrEqual(2);
  expect(stderr).toContain("fail (flash.");
  expect(code).toBe(0);
});

test("a wrong option starts nothing and says how it is meant", { timeout: 30_000 }, async () => {
  const { code, stderr } = await demo("--units", "1");
  expect(code).toBe(2);
  expect(stderr).toContain("from 2 to 5000");
});
