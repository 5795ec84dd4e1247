import { QueryClient } from "@tanstack/react-query";
import { expect, it } from "vitest";
import { isReadOn, nextPlace, PAGE_ROWS, rowsOf } from "./pages.ts";

const page = (from: number, rows: number) =>
  Array.from({ length: rows }, (_, at) => ({ id: String(from + at) }));
const idOf = ({ id }: { readonly id: string }) => id;

it("a full page goes on after its last row, and a shorter one is the last", () => {
  expect(nextPlace(page(0, PAGE_ROWS), idOf)).toBe(String(PAGE_ROWS - 1));
  expect(nextPlace(page(0, PAGE_ROWS - 1), idOf)).toBeUndefined();
  expect(nextPlace(page(0, 0), idOf)).toBeUndefined();
});

it("all pages are one list", () => {
  const pages = [page(0, 2), page(2, 1)];
  expect(rowsOf({ pages, pageParams: [undefined, "1"] }).map(idOf)).toEqual(["0", "1", "2"]);
});

it("a row that moved on between two pages stands in the list once, as it is now", () => {
  const moved = [
    [
      { id: "a", state: "open" },
      { id: "b", state: "open" },
    ],
    [
      { id: "a", state: "closed" },
      { id: "c", state: "open" },
    ],
  ];
  expect(rowsOf({ pages: moved, pageParams: [undefined, "b"] })).toEqual([
    { id: "a", state: "closed" },
    { id: "b", state: "open" },
    { id: "c", state: "open" },
  ]);
});

it("only a list of several pages is one that somebody reads on in", () => {
  const client = new QueryClient();
  const queryOf = (data: unknown) => {
    client.setQueryData(["list"], data);
    const query = client.getQueryCache().find({ queryKey: ["list"] });
    return query === undefined ? false : isReadOn(query);
  };
  expect(queryOf({ pages: [page(0, 1)], pageParams: [undefined] })).toBe(false);
  expect(queryOf({ pages: [page(0, 1), page(1, 1)], pageParams: [undefined, "0"] })).toBe(true);
  expect(queryOf(page(0, 3))).toBe(false);
  expect(queryOf({ pages: 3 })).toBe(false);
});
