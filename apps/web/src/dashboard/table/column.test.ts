import { expect, it } from "vitest";
import { nextSort } from "./column.ts";

it("a click sorts by a column, the next one turns it, and the usual order stands in no address", () => {
  expect(nextSort("-time", "duration", "-time")).toBe("duration");
  expect(nextSort("duration", "duration", "-time")).toBe("-duration");
  expect(nextSort("-duration", "duration", "-time")).toBe("duration");
  expect(nextSort("-time", "time", "-time")).toBe("time");
  expect(nextSort("time", "time", "-time")).toBeUndefined();
  expect(nextSort("duration", "time", "-time")).toBeUndefined();
});
