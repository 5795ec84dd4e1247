import { expect, test } from "vitest";
import { evidencePlace, stepOf } from "./rail.ts";

test("evidence is drawn in equal steps of its logarithm, and never beyond the end", () => {
  expect(evidencePlace({ value: 0.2, pauseAt: 20 })).toBe(0);
  expect(evidencePlace({ value: Math.sqrt(20), pauseAt: 20 })).toBeCloseTo(0.5);
  expect(evidencePlace({ value: 900, pauseAt: 20 })).toBe(1);
});

test("each state has its step", () => {
  expect(stepOf({ state: "draft", check: "pending", canary: null })).toMatchObject({
    index: 1,
    tone: "now",
  });
  expect(stepOf({ state: "draft", check: "refused", canary: null }).tone).toBe("bad");
  expect(stepOf({ state: "paused", check: "passed", canary: {} as never }).index).toBe(2);
  expect(stepOf({ state: "revoked", check: "passed", canary: null })).toMatchObject({
    index: 3,
    tone: "bad",
  });
});
