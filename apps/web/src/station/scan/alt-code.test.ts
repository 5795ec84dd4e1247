import { expect, test } from "vitest";
import { altCodes } from "./alt-code.ts";

/** The characters that come of numbers typed on the keypad with Alt held. */
function typed(...numbers: readonly string[]): (string | null)[] {
  const codes = altCodes();
  return numbers.map((number) => {
    codes.down({ code: "AltLeft", altKey: true, ctrlKey: false });
    for (const digit of number) {
      expect(codes.down({ code: `Numpad${digit}`, altKey: true, ctrlKey: false })).toBe(true);
      expect(codes.up(digit)).toBeNull();
    }
    return codes.up("Alt");
  });
}

test("numbers are characters, with and without zeros in front", () => {
  expect(typed("77", "067", "0050", "45", "013")).toEqual(["M", "C", "2", "-", "\r"]);
});

test("above ASCII only what cannot be taken for something else", () => {
  expect(typed("0223", "0228")).toEqual(["ß", "ä"]);
  expect(typed("225", "0999")).toEqual(["\ufffd", "\ufffd"]);
});

test("Alt alone, keys beside the keypad and shortcuts are no numbers", () => {
  const codes = altCodes();
  expect(codes.down({ code: "AltLeft", altKey: true, ctrlKey: false })).toBe(false);
  expect(codes.up("Alt")).toBeNull();
  expect(codes.down({ code: "Digit7", altKey: true, ctrlKey: false })).toBe(false);
  expect(codes.down({ code: "Numpad7", altKey: false, ctrlKey: false })).toBe(false);
  expect(codes.down({ code: "Numpad7", altKey: true, ctrlKey: true })).toBe(false);
  expect(codes.up("Alt")).toBeNull();
});

test("a number that is broken off by another key is forgotten", () => {
  const codes = altCodes();
  codes.down({ code: "Numpad7", altKey: true, ctrlKey: false });
  codes.down({ code: "KeyA", altKey: true, ctrlKey: false });
  expect(codes.up("Alt")).toBeNull();
});
