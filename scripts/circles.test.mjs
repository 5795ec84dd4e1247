import { expect, test } from "vitest";
import { circlesOf, importsIn } from "./circles.mjs";

const foldersIn = (...imports) => circlesOf(imports).map((circle) => circle.split("\n")[0]);

test("finds every circle, also two through one folder", () => {
  const found = foldersIn(
    ["a/one.ts", ["b/one.ts", "c/one.ts"]],
    ["b/one.ts", ["a/two.ts"]],
    ["c/one.ts", ["a/two.ts"]],
  );
  expect(found).toEqual(["a → b → a", "a → c → a"]);
});

test("finds circles through three folders, below a folder, and with a file beside folders", () => {
  expect(foldersIn(["a/x.ts", ["b/x.ts"]], ["b/x.ts", ["c/x.ts"]], ["c/x.ts", ["a/y.ts"]])).toEqual(
    ["a → b → c → a"],
  );
  expect(foldersIn(["deep/a/x.ts", ["deep/b/x.ts"]], ["deep/b/x.ts", ["deep/a/y.ts"]])).toEqual([
    "deep/a → deep/b → deep/a",
  ]);
  expect(foldersIn(["all.ts", ["a/x.ts"]], ["a/y.ts", ["all.ts"]])).toEqual(["a → all.ts → a"]);
});

test("says which imports make a circle", () => {
  expect(
    circlesOf([
      ["a/x.ts", ["b/x.ts"]],
      ["b/y.ts", ["a/y.ts"]],
    ]),
  ).toEqual(["a → b → a\n    a/x.ts imports b/x.ts\n    b/y.ts imports a/y.ts"]);
});

test("finds none where folders import in one direction", () => {
  expect(foldersIn(["a/x.ts", ["b/x.ts", "a/y.ts"]], ["b/x.ts", ["c/x.ts", "b/y.ts"]])).toEqual([]);
});

test("reads imports of values, of types, for their effect, passed on and at run time", () => {
  const text = `import a from "./a.ts";
import type { B } from "./b.ts";
import "./c.ts";
export { d } from "./d.ts";
export * from "./e.ts";
const f = await import("./f.ts");
import {
  g,
} from "./g.ts";`;
  expect(importsIn(text)).toEqual([..."abcdefg"].map((name) => `./${name}.ts`));
});
