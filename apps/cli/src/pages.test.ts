import { expect, test } from "vitest";
import { rowsOf } from "./pages.ts";

/** A list of the server: so many rows at a time, from behind the one that was shown last. */
function list(rows: readonly string[], limit: number) {
  const asked: (string | undefined)[] = [];
  const page = (after: string | undefined) => {
    asked.push(after);
    const from = after === undefined ? 0 : rows.indexOf(after) + 1;
    return Promise.resolve({ body: rows.slice(from, from + limit).map((id) => ({ id })) });
  };
  return { asked, page };
}

test("a list is read to its end, and no further than somebody takes its rows", async () => {
  const all = list(["a", "b", "c", "d", "e"], 2);
  const taken: string[] = [];
  for await (const { id } of rowsOf(all.page)) taken.push(id);
  expect(taken).toEqual(["a", "b", "c", "d", "e"]);
  const some = list(["a", "b", "c", "d", "e"], 2);
  for await (const { id } of rowsOf(some.page)) if (id === "c") break;
  expect(some.asked).toEqual([undefined, "b"]);
});
