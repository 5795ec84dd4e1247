import { expect, test } from "vitest";
import { attempts } from "../../../dev/data/attempts.ts";
import { sayAttempt } from "./say.ts";

test("a result that contradicts its job is told as reported, never as done", () => {
  const attempt = attempts.find(({ outcome, linkIncident }) => outcome === "PASS" && !linkIncident);
  if (attempt === undefined) expect.fail("no attempt in the data passed without incidents");
  expect(sayAttempt({ ...attempt, contradictions: [] })).toMatch(/^Flashed with 2\.8\.1 at /);
  expect(sayAttempt({ ...attempt, contradictions: ["manifest"] })).toMatch(
    /^Reported as flashed with 2\.8\.1 at /,
  );
});
