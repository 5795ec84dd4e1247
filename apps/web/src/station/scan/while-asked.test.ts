import { expect, test } from "vitest";
import { whileAsked } from "./while-asked.ts";

test("nothing under a question is started or acknowledged: Escape takes the question back", () => {
  for (const asked of ["reason", "own-words", "label"] as const) {
    expect(whileAsked("start", asked)).toBe("ignore");
    expect(whileAsked("acknowledge", asked)).toBe("cancel");
    expect(whileAsked("call-lead", asked)).toBe("do");
  }
  expect(whileAsked("start", null)).toBe("do");
  expect(whileAsked("acknowledge", null)).toBe("do");
});
