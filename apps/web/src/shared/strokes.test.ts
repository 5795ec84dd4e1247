import fc from "fast-check";
import { expect, test } from "vitest";
import { lineOf, type Stroke } from "./strokes.ts";

const typed = (text: string, gap: number, from = 0): Stroke[] =>
  [...text].map((char, index) => ({ char, at: from + index * gap }));

test("a scan is told from typing by its speed", () => {
  expect(lineOf(typed("MC2-004817", 8))).toEqual({ text: "MC2-004817", scanned: true });
  expect(lineOf(typed("MC2-004817", 120))).toEqual({ text: "MC2-004817", scanned: false });
});

test("stray characters before a scan are dropped", () => {
  const strokes = [...typed("xx", 90), ...typed("MC2-004817", 8, 2000)];
  expect(lineOf(strokes)).toEqual({ text: "MC2-004817", scanned: true });
});

test("a hiccup inside a scan does not cut the serial", () => {
  const strokes = [...typed("MC2-", 8), ...typed("004817", 8, 100)];
  expect(lineOf(strokes).text).toBe("MC2-004817");
});

test("the end of what a person types is never taken for a scan of its own", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ char: fc.constantFrom(..."AB01-"), gap: fc.integer({ min: 60, max: 340 }) }),
        {
          minLength: 1,
        },
      ),
      (keys) => {
        let at = 0;
        const strokes = keys.map(({ char, gap }) => {
          at += gap;
          return { char, at };
        });
        expect(lineOf(strokes)).toEqual({
          text: keys.map((key) => key.char).join(""),
          scanned: false,
        });
      },
    ),
  );
});

test("nothing typed is an empty line", () => {
  expect(lineOf([])).toEqual({ text: "", scanned: false });
});
