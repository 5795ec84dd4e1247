import { expect, test } from "vitest";
import { isNumber, numberOf, numberText, shareLeft } from "./numbers.ts";

test("numbers are written as people know them", () => {
  expect(numberText("mac", 0x70b3_d512_3000)).toBe("70:B3:D5:12:30:00");
  expect(numberText("counter", 1204)).toBe("1204");
});

test("only what the server takes is a number", () => {
  expect(["12", "0x70b3d5123000", " 7 "].every(isNumber)).toBe(true);
  expect(["", "-1", "1.5", "70:B3", "0xzz"].some(isNumber)).toBe(false);
  expect([numberOf("12"), numberOf("0x1f")]).toEqual([12, "0x1f"]);
});

test("what is left is a share of the whole stretch", () => {
  const range = { product: "P", name: "n", kind: "counter", first: 1, last: 100, left: 25 };
  expect(shareLeft(range)).toBe(0.25);
});
