import { expect, test } from "vitest";
import { fieldPlaces, sourceText } from "./recipe.ts";

const field = (name: string, address: number) => ({
  name,
  address,
  kind: "uint",
  length: 4,
  secret: false,
  from: "given" as const,
  range: null,
});

test("fields are shown as they lie in flash, and the recipe is left as it is", () => {
  const fields = [field("b", 0x0800_0010), field("a", 0x0800_0000)];
  expect(fieldPlaces(fields).map(({ name }) => name)).toEqual(["a", "b"]);
  expect(fields.map(({ name }) => name)).toEqual(["b", "a"]);
});

test("a source is told in words", () => {
  const of = (from: "serial" | "range" | "given" | "computed", secret = false) =>
    sourceText({ from, secret, range: from === "range" ? "mac" : null });
  expect([of("serial"), of("range"), of("given"), of("given", true), of("computed")]).toEqual([
    "the scanned serial",
    "range mac, one number for each unit",
    "given by API",
    "given by API, secret",
    "computed over the rest",
  ]);
});
