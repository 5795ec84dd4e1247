import { expect, test } from "vitest";
import { productOf } from "./words.ts";

test("an alarm leads to its product, also where names have blanks", () => {
  const id = "0190c2f0-0000-7000-8000-000000000001";
  expect(productOf({ id, name: "Motor control 2" })).toBe("Motor control 2");
  expect(productOf({ id: `${id} mac`, name: "Motor control 2 mac" })).toBe("Motor control 2");
  expect(productOf({ id: `${id} serial-number`, name: "MC-2 serial-number" })).toBe("MC-2");
});
