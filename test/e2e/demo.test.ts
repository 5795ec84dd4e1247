import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface Ran {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** As a stranger would call it. */
function demo(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn("npm", ["run", "demo", "--", ...args], { cwd: ROOT });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (bytes) => {
      stdout += String(bytes);
    });
    child.stderr.on("data", (bytes) => {
      stderr += String(bytes);
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, lines: stdout.trimEnd().split("\n"), stderr }));
  });
}

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
