/** The way of a list: by the columns of one index, forwards or backwards. */
export interface Way {
  /** ORDER BY, with the id last, so that no two rows have one place. */
  readonly order: string;
  /** SQL: true of the rows behind a place. Both are a row of values, the key and the id. */
  readonly behind: (place: string) => string;
}

/** Whether a sort of the contract begins with the greatest: "-serial". */
export const isDown = (sort: string): boolean => sort.startsWith("-");
/** What a sort of the contract is by: "serial" of "-serial". */
export const columnOf = <C extends string>(sort: C | `-${C}`): C =>
  (isDown(sort) ? sort.slice(1) : sort) as C;

/** SQL for a list by `key` and then `id`, both of which one index has in this order. */
export function way(key: string, id: string, down: boolean): Way {
  const turn = down ? " DESC" : "";
  return {
    order: `ORDER BY ${key}${turn}, ${id}${turn}`,
    behind: (place) => `(${key}, ${id}) ${down ? "<" : ">"} (${place})`,
  };
}

/** Something for each of the sorts that the contract has. */
export const forEachSort = <S extends string, T>(
  sorts: readonly S[],
  make: (sort: S) => T,
): Readonly<Record<S, T>> =>
  Object.fromEntries(sorts.map((sort) => [sort, make(sort)])) as Record<S, T>;
