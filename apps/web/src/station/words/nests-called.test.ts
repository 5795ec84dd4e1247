import { expect, test } from "vitest";
import { nestsCalled } from "./nests-called.ts";

test("no nest is called twice what it is", () => {
  const words = ["Nest", "Nests"] as const;
  expect(nestsCalled(words, "1", 1)).toBe("Nest 1");
  expect(nestsCalled(words, "1, 2", 2)).toBe("Nests 1, 2");
  expect(nestsCalled(words, "Nest 1", 1)).toBe("Nest 1");
  expect(nestsCalled(words, "Nest 1, Nest 2", 2)).toBe("Nest 1, Nest 2");
});
