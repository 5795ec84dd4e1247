import type { NestView } from "@flashline/contract";
import { expect, test } from "vitest";
import { firstToAcknowledge, lookOf } from "./look.ts";

const nest = (state: NestView["state"], change: Partial<NestView> = {}): NestView => ({
  name: "1",
  portPath: "3-1",
  state,
  next: false,
  serial: "MC2-004817",
  phase: null,
  fraction: null,
  remainingMs: null,
  code: null,
  action: null,
  detail: null,
  durationMs: null,
  ...change,
});

test("a verdict has a word and an icon of its own, whatever its colour", () => {
  const verdicts = (["pass", "fail", "refused", "unknown"] as const).map((state) =>
    lookOf(nest(state), "en"),
  );
  expect(new Set(verdicts.map((look) => look.word)).size).toBe(4);
  expect(new Set(verdicts.map((look) => look.icon)).size).toBe(4);
});

test("what to do follows from the code, in the page's language", () => {
  const failed = nest("fail", { code: "link.lost" });
  expect(lookOf(failed, "en").order).toBe("Check the cable. Try another nest.");
  expect(lookOf(failed, "de").order).toBe("Kabel prüfen. Anderen Platz versuchen.");
});

test("progress is bounded, names its phase, and never has nothing left to do", () => {
  const busy = nest("busy", { phase: "verify", fraction: 1.2, remainingMs: 10 });
  expect(lookOf(busy, "en").progress).toEqual({ fraction: 1, phase: "Checking", left: "1 s left" });
  const later = nest("busy", { phase: "a-phase-of-a-later-agent", fraction: null });
  expect(lookOf(later, "de").progress).toEqual({ fraction: 0, phase: "Arbeitet", left: "" });
});

test("Escape takes a failure before a pass", () => {
  const [passed, failed] = [nest("pass"), nest("fail", { name: "2" })];
  expect(firstToAcknowledge([passed, failed])).toBe(failed);
  expect(firstToAcknowledge([passed])).toBe(passed);
  expect(firstToAcknowledge([nest("busy")])).toBeUndefined();
});
