import type { VerdictEntry } from "@flashline/contract";
import { expect, test } from "vitest";
import { heightOf, sayEntry, sayWhy } from "./evidence.ts";

const entry = (change: Partial<VerdictEntry>): VerdictEntry => ({
  ...{ id: "1", at: "2026-11-29T10:00:00.000Z", what: "step", level: "controller", name: "host" },
  ...{ from: "OK", to: "WATCH", by: "system server", reason: null, evidence: null },
  ...change,
});

test("the line of R stays in its chart, one power of ten as high as the next", () => {
  expect([0.2, 1, 1e7, 1e9].map(heightOf)).toEqual([0, 0, 1, 1]);
  expect(heightOf(1e5) - heightOf(1e4)).toBeCloseTo(heightOf(1e6) - heightOf(1e5), 12);
});

test("an entry of the history says what was decided, and why", () => {
  expect(sayEntry(entry({}))).toBe("OK → WATCH");
  expect(sayEntry(entry({ level: "model", name: "1022:15b8", to: "QUARANTINE" }))).toBe(
    "OK → quarantine proposed, the controller model 1022:15b8",
  );
  expect(sayEntry(entry({ what: "repaired", name: "cable" }))).toBe("Cable repaired or swapped");
  expect(sayEntry(entry({ what: "cleared" }))).toBe("Quarantine lifted");
  expect(sayWhy(entry({ reason: "new hub" }), String)).toBe("new hub");
});
