import {
  firstToAcknowledge,
  type NestIn,
  type NestProgress,
  type NestView,
} from "@flashline/contract";
import { expect, test } from "vitest";
import { lookOf } from "./look.ts";

const at = { name: "1", portPath: "3-1", next: false };
const scanned = { ...at, serial: "MC2-004817" };
const refusal = { code: "link.lost", detail: "", action: null };
const passed: NestView = { ...scanned, state: "pass", durationMs: 11_240, refusal: null };
const failed: NestView = { ...scanned, state: "fail", durationMs: 4100, refusal };
const refused: NestView = { ...scanned, state: "refused", refusal };
const busy = (progress: NestProgress | null): NestView => ({
  ...scanned,
  state: "busy",
  progress,
  trouble: null,
});

test("a verdict has a word and an icon of its own, whatever its colour", () => {
  const verdicts = [passed, failed, refused].map((nest) => lookOf(nest, "en"));
  expect(new Set(verdicts.map((look) => look.word)).size).toBe(3);
  expect(new Set(verdicts.map((look) => look.icon)).size).toBe(3);
});

test("what to do follows from the code, in the page's language", () => {
  expect(lookOf(failed, "en").order).toBe("Check the cable. Try another nest.");
  expect(lookOf(failed, "de").order).toBe("Kabel prüfen. Anderen Platz versuchen.");
});

test("a nest that is out of use says what is stopped, and so where to go on", () => {
  const off = (kind: string): NestView => ({
    ...at,
    state: "off",
    hold: { kind, reason: "cable" },
  });
  expect(lookOf(off("nest"), "en").order).toBe("Use another nest");
  expect(lookOf(off("line"), "en")).toMatchObject({ word: "Paused" });
  expect(lookOf(off("host"), "en").order).toBe("Use another station");
  expect(lookOf({ ...at, state: "off", hold: null }, "en").word).toBe("Off");
});

test("progress is bounded, names its phase, and never has nothing left to do", () => {
  const over = busy({ phase: "verify", fraction: 1.2, remainingMs: 10 });
  expect(lookOf(over, "en").progress).toMatchObject({
    fraction: 1,
    phase: "Checking",
    left: "1 s left",
  });
  const later = busy({ phase: "a-phase-of-a-later-agent", fraction: -1, remainingMs: 2000 });
  expect(lookOf(later, "de").progress).toMatchObject({ fraction: 0, phase: "Arbeitet" });
  expect(lookOf(busy(null), "de").progress).toMatchObject({
    fraction: 0,
    phase: "Arbeitet",
    left: "",
  });
});

test("a link that is recovered has its clock instead of a time that nobody knows", () => {
  const since = "2026-11-29T08:00:00Z";
  const at = busy({ phase: "write", fraction: 0.3, remainingMs: 9_000 });
  if (at.state !== "busy") throw new TypeError("not busy");
  const lost = { ...at, trouble: { kind: "gone", since } } as const;
  expect(lookOf(lost, "en").progress).toEqual({
    fraction: 0.3,
    phase: "Gone: plug in again",
    left: "",
    troubleSince: since,
  });
  expect(lookOf({ ...at, trouble: { kind: "recovering", since } }, "de").progress?.phase).toBe(
    "Verbindung stockt",
  );
});

test("Escape takes a failure before a pass", () => {
  const second: NestView = { ...failed, name: "2" };
  expect(firstToAcknowledge([passed, second])).toBe(second);
  expect(firstToAcknowledge([passed])).toBe(passed);
  expect(firstToAcknowledge([busy(null)])).toBeUndefined();
});

test("a unit that waits for its label says PASS, and what the label wants", () => {
  const label = (stage: NestIn<"label">["stage"], code?: string): NestView => ({
    ...scanned,
    state: "label",
    durationMs: 1,
    stage,
    refusal: code === undefined ? null : { ...refusal, code },
  });
  expect(lookOf(label("scan"), "en")).toMatchObject({
    word: "PASS\nscan the label",
    act: "Scan label",
    acknowledge: "no",
    order: "Stick the label on. Scan it.",
  });
  expect(lookOf(label("doubtful"), "de").order).toBe("Ist das Etikett da? Dann scannen.");
  expect(lookOf(label("trouble", "label.printer_not_ready"), "en")).toMatchObject({
    act: "Printer",
    acknowledge: "must",
    order: "Printer: check paper and cover. Press OK.",
  });
  expect(lookOf(label("printing"), "en")).toMatchObject({ order: "", act: "", acknowledge: "no" });
  expect(firstToAcknowledge([passed, label("scan"), label("trouble")])).toMatchObject({
    stage: "trouble",
  });
  expect(firstToAcknowledge([label("scan"), passed])).toBe(passed);
});
