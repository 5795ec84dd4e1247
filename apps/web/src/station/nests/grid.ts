/**
 * Columns and rows for a number of nests on a landscape screen; an upright screen swaps them. Cards stay near 1:1, so that the
 * verdict fills them.
 */
export function gridFor(nests: number): { columns: number; rows: number } {
  if (nests <= 3) return { columns: Math.max(1, nests), rows: 1 };
  if (nests === 4) return { columns: 2, rows: 2 };
  const columns = nests <= 6 ? 3 : nests <= 12 ? 4 : nests <= 15 ? 5 : Math.ceil(nests / 4);
  return { columns, rows: Math.ceil(nests / columns) };
}
