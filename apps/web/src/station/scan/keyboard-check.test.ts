import { expect, test } from "vitest";
import { checkKeyboard, KEYBOARD_CHECK } from "./keyboard-check.ts";

test("the check barcode as it should come in", () => {
  expect(checkKeyboard(KEYBOARD_CHECK)).toEqual({ kind: "right" });
});

test("CAPS LOCK turns its letters around", () => {
  expect(checkKeyboard("fl-keys-AzYqWm:/09")).toEqual({ kind: "caps" });
});

test.each([
  ["a German PC", "FLßKEZSßaYzQwMÖ-09", "de", "en"],
  ["a French PC", "FL)KEYS)qWyAz?M!àç", "fr", "en"],
  ["a Spanish PC", "FL'KEYS'aZyQwMÑ-09", "es", "en"],
  ["an Italian PC", "FL'KEYS'aZyQwMç-09", "it", "en"],
  ["a scanner set to German, at an English PC", "FL/KEZS/aYzQwM>&09", "en", "de"],
  ["a scanner set to Spanish, at an English PC", "FL/KEYS/aZyQwM>&09", "en", "es"],
])("%s is named", (_where, line, pc, scanner) => {
  expect(checkKeyboard(line)).toEqual({ kind: "layout", pc, scanner });
});

test("a command that came in spoilt names the layout too", () => {
  expect(checkKeyboard("FLßSTART")).toMatchObject({ pc: "de" });
  expect(checkKeyboard("FL)OK")).toMatchObject({ pc: "fr" });
  expect(checkKeyboard("flßnestß2")).toMatchObject({ pc: "de" });
});

test("what is wrong by no layout that is known is still wrong", () => {
  expect(checkKeyboard("FL#KEYS#aZyQwM:/09")).toEqual({ kind: "odd" });
});

test("labels and commands as they should be say nothing", () => {
  for (const line of ["MC2-004817", "FL-START", "fl-start", "FL-NEST-2", "4006381333931", "FL"]) {
    expect(checkKeyboard(line)).toBeNull();
  }
});
