import { expect, test } from "vitest";
import { nextName } from "./next-name.ts";

test("a new nest is called by the first number that none has", () => {
  expect(nextName([])).toBe("1");
  expect(nextName(["1", "2", "4", "left"])).toBe("3");
});
