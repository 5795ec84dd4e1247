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

/** A list by groups, such as products: the groups in their order, and in each group the latest row first. */
interface Groups {
  /** SQL of the groups: `value`, which a row has, and `key`, by which groups are sorted. */
  readonly groups: string;
  readonly table: string;
  /** The table's column with the group; one index has it and then the id. */
  readonly column: string;
  readonly down: boolean;
  /** Whether the list goes on behind the row with the id `:after`. */
  readonly isAfter: boolean;
}

/**
 * SQL for the ids of such a list, at most `:limit`. Of each group no more rows are read than a page has, from the place on at which the list goes on.
 * Ids tell when a row was made.
 */
export function pageOfGroups({ groups, table, column, down, isAfter }: Groups): string {
  const turn = down ? " DESC" : "";
  const last = "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid";
  const place = `(SELECT k.key FROM (${groups}) k JOIN ${table} x ON x.${column} = k.value WHERE x.id = :after::uuid)`;
  const before = isAfter ? `CASE WHEN g.key = ${place} THEN :after::uuid ELSE ${last} END` : last;
  return `
SELECT x.id, g.key AS place FROM (${groups}) g CROSS JOIN LATERAL (
    SELECT id FROM ${table} WHERE ${column} = g.value AND id < ${before} ORDER BY id DESC LIMIT :limit) x
 ${isAfter ? `WHERE g.key ${down ? "<=" : ">="} ${place}` : ""} ORDER BY g.key${turn}, x.id DESC LIMIT :limit`;
}
/** ORDER BY of such a page, which is called `page`. */
export const orderOfGroups = (down: boolean): string =>
  `ORDER BY page.place${down ? " DESC" : ""}, page.id DESC`;

/** SQL: products as groups. */
export const PRODUCTS = "SELECT id AS value, name AS key FROM product";
