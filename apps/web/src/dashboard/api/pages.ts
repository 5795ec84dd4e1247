import type { InfiniteData, Query } from "@tanstack/react-query";

/** Rows of a list that are asked for at once. */
export const PAGE_ROWS = 100;

/** Where the list goes on after a page; undefined at its end. */
export const nextPlace = <Row>(
  page: readonly Row[],
  placeOf: (row: Row) => string | undefined,
): string | undefined => {
  const last = page.at(-1);
  return page.length < PAGE_ROWS || last === undefined ? undefined : placeOf(last);
};

/** The rows of all pages that were asked for. One that was moved on between two of them stands in both: it is shown once. */
export const rowsOf = <Row extends { readonly id: string }>({
  pages,
}: InfiniteData<readonly Row[]>): readonly Row[] => {
  const all = pages.flat();
  const byId = new Map(all.map((row) => [row.id, row]));
  return byId.size === all.length ? all : [...byId.values()];
};

/** True of a list of which somebody asked for more than the first page. */
export function isReadOn({ state }: Pick<Query, "state">): boolean {
  const { data } = state;
  if (typeof data !== "object" || data === null || !("pages" in data)) return false;
  return Array.isArray(data.pages) && data.pages.length > 1;
}
