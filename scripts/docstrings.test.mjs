import { expect, test } from "vitest";
import { undocumentedIn } from "./docstrings.mjs";

const missingIn = (files) =>
  undocumentedIn(["/p/index.ts"], (file) => files[file] ?? expect.unreachable(file));

test("names what is exported without a docstring, in whichever file it is declared", () => {
  const missing = missingIn({
    "/p/index.ts": `export { a, type T as Told } from "./a.ts"; export * from "./b.ts"; import { c } from "./b.ts"; export { c };`,
    "/p/a.ts": `/** Says what it is for. */
export const a = 1;
interface T {}
export type { T };
export const inside = 2;`,
    "/p/b.ts": `// Not a docstring.
export function c() {}
/** Another one's docstring. */
const other = 1;
export class D {}`,
  });
  expect(missing).toEqual(["/p/a.ts:3 T", "/p/b.ts:2 c", "/p/b.ts:5 D"]);
});

test("takes one docstring for a const and a type of one name, and no empty one", () => {
  const missing = missingIn({
    "/p/index.ts": `/** What may be done with it. */
export const Role = { A: "a" } as const;
export type Role = (typeof Role)[keyof typeof Role];
/** */
export interface Empty {}`,
  });
  expect(missing).toEqual(["/p/index.ts:5 Empty"]);
});

test("leaves alone what another package declares", () => {
  expect(missingIn({ "/p/index.ts": `export { x } from "other";` })).toEqual([]);
});
