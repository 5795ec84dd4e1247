import { expect, test } from "vitest";
import { describeEntry, entryReason, type VerdictEntry } from "./host-history.ts";

const entry = (change: Partial<VerdictEntry>): VerdictEntry => ({
  id: "1",
  at: "2026-11-29T10:00:00.000Z",
  what: "step",
  level: "controller",
  name: "host",
  from: "OK",
  to: "WATCH",
  by: "system server",
  reason: null,
  evidence: null,
  ...change,
});

test("an entry of the history says what was decided, and why", () => {
  expect(describeEntry(entry({}))).toBe("OK → WATCH");
  expect(describeEntry(entry({ level: "model", name: "1022:15b8", to: "QUARANTINE" }))).toBe(
    "OK → quarantine proposed, the controller model 1022:15b8",
  );
  expect(describeEntry(entry({ what: "repaired", name: "cable" }))).toBe(
    "Cable repaired or swapped",
  );
  expect(describeEntry(entry({ what: "cleared" }))).toBe("Quarantine lifted");
  expect(entryReason(entry({ reason: "new hub" }))).toBe("new hub");
});
