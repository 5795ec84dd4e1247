import { expect, it } from "vitest";
import type { Intent } from "../journal/entry.ts";
import type { JournaledAttempt } from "../journal/fold.ts";
import { untoldRefusal } from "./untold.ts";

const grant = { id: "019f0000-0000-7000-8000-000000000001", place: 1, at: "2026-11-30T04:12:48Z" };

function attempt(
  serial: string,
  outcome: "PASS" | "FAIL",
  given: Partial<Intent>,
): JournaledAttempt {
  return {
    attemptId: serial,
    at: grant.at,
    started: true,
    touched: true,
    intent: given as Intent,
    summary: { serial, outcome, nest: "1", durationMs: 1 },
  };
}

const inWork = (serial: string, given: Partial<Intent>): JournaledAttempt => ({
  attemptId: serial,
  at: grant.at,
  started: true,
  touched: true,
  intent: { ...given, serial } as Intent,
});

it("what was flashed under a grant and is not told yet speaks against its unit, and nothing else does", () => {
  const undelivered = [
    attempt("A", "FAIL", { grant }),
    attempt("A", "PASS", { grant }),
    attempt("B", "FAIL", { grant }),
    // The server has its job, and says so itself.
    attempt("C", "PASS", {}),
  ];
  const open = [inWork("E", { grant }), inWork("F", {})];
  const journal = { open: () => open, undelivered: () => undelivered };
  expect(untoldRefusal("A", journal)).toBe("preflight.already_passed");
  expect(untoldRefusal("B", journal)).toBe("preflight.nest_busy");
  expect(untoldRefusal("C", journal)).toBeUndefined();
  expect(untoldRefusal("D", journal)).toBeUndefined();
  expect(untoldRefusal("E", journal)).toBe("preflight.nest_busy");
  expect(untoldRefusal("F", journal)).toBeUndefined();
});
