import { PAGE_ROWS } from "./pages.ts";

/** A file has no more rows than these. */
const MOST_IN_FILE = 10_000;

/** All rows of a list that goes on after a row's id, for a file: page after page. */
export async function allRows<R extends { readonly id: string }>(
  read: (page: { limit: number; after: string | undefined }) => Promise<readonly R[]>,
): Promise<readonly R[]> {
  const all: R[] = [];
  for (;;) {
    const page = await read({ limit: PAGE_ROWS, after: all.at(-1)?.id });
    all.push(...page);
    if (page.length < PAGE_ROWS || all.length >= MOST_IN_FILE) return all;
  }
}
