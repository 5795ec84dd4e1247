import { expect, test } from "vitest";
import { sayAttempt } from "./say.ts";

const PASSED = {
  station: "L3-05",
  nest: "4",
  version: "2.8.1",
  outcome: "PASS",
  durationMs: 11_400,
  incidents: [],
  linkIncident: false,
  phase: null,
  code: null,
} as const;

test("a result that contradicts its job is told as reported, never as done", () => {
  expect(sayAttempt({ ...PASSED, contradictions: [] })).toBe(
    "Flashed with 2.8.1 at L3-05, nest 4 in 11.4 s, read back and equal.",
  );
  expect(sayAttempt({ ...PASSED, contradictions: ["manifest"] })).toMatch(
    /^Reported as flashed with 2\.8\.1 at /,
  );
});
