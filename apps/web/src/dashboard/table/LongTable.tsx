import "../styles/long-table.css";
import {
  columnVisibilityFeature,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import { count } from "../../shared/format.ts";
import { Icon } from "../../shared/icons.tsx";
import { ColumnChoice } from "./ColumnChoice.tsx";
import { type LongColumn, nextSort, readSort } from "./column.ts";
import { useChoice } from "./kept.ts";
import { SortChoice } from "./SortChoice.tsx";
import { useRows } from "./use-rows.ts";

/** The server sorts: it has all rows, the page only those that were asked for. */
const FEATURES = tableFeatures({ rowSortingFeature, columnVisibilityFeature });
/** So many rows before the end of what is there the next ones are asked for. */
const AHEAD = 25;

interface Props<R> {
  /** What it is a table of. */
  readonly name: string;
  readonly rows: readonly R[];
  readonly columns: readonly LongColumn<R>[];
  /** As it stands in the address; undefined: the usual one. */
  readonly sort: string | undefined;
  readonly usual: string;
  /** Left out where the list has an order of its own. */
  readonly onSort?: ((sort: string | undefined) => void) | undefined;
  readonly query: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly isFetchNextPageError: boolean;
    readonly isPlaceholderData: boolean;
    readonly fetchNextPage: () => unknown;
  };
  /** Beside the choice of columns, such as the rows as a file. */
  readonly children?: ReactNode;
}

/**
 * A list of any length: only rows that can be seen are in the page, and more are asked for on the way down. On a telephone each row is
 * a card.
 */
export function LongTable<R extends { readonly id: string }>(props: Props<R>) {
  const { name, rows, columns, sort, usual, onSort, query } = props;
  const { visible, choose } = useChoice(name, columns);
  const now = readSort(sort ?? usual);
  const definitions = useMemo(
    () =>
      columns.map((column) => ({
        id: column.id,
        header: column.name,
        cell: ({ row }: { readonly row: { readonly original: R } }) => column.cell(row.original),
        enableSorting: column.sort !== undefined,
      })),
    [columns],
  );
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  const sortedBy = columns.find((column) => column.sort === now.by);
  const table = useTable({
    features: FEATURES,
    columns: definitions,
    data: rows as R[],
    getRowId: ({ id }) => id,
    manualSorting: true,
    state: {
      columnVisibility: visible,
      sorting:
        sortedBy === undefined || onSort === undefined ? [] : [{ id: sortedBy.id, desc: now.down }],
    },
  });
  const model = table.getRowModel().rows;
  const shownColumns = table.getVisibleLeafColumns().flatMap(({ id }) => byId.get(id) ?? []);
  const width = shownColumns.reduce((sum, column) => sum + column.width, 0);
  const body = useRef<HTMLTableSectionElement>(null);
  const window = useRows(body, model.length, (index) => model[index]?.id ?? String(index));
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  // A printer does not say the words of buttons again on its next pages.
  const hasButtons = onSort !== undefined && !window.isCards && !window.isPrinted;
  const isNearEnd = window.last >= model.length - AHEAD;
  // What failed would fail again, and again at once: the next time is a person's.
  const isToAsk = isNearEnd && hasNextPage && !isFetchingNextPage && !isFetchNextPageError;
  useEffect(() => {
    if (isToAsk) void fetchNextPage();
  }, [isToAsk, fetchNextPage]);

  return (
    <div className="long stacks" aria-busy={query.isPlaceholderData}>
      <div className="table-tools">
        <span className="soft" role="status">
          <span className="on-screen">
            {count(rows.length)} {hasNextPage ? "shown, more on the way down" : "shown"}
          </span>
          <span className="on-paper">
            {hasNextPage ? "The first " : "All "}
            {count(rows.length)}
          </span>
        </span>
        <span className="space" />
        {onSort !== undefined && window.isCards && (
          <SortChoice columns={columns} sort={sort ?? usual} usual={usual} onSort={onSort} />
        )}
        <ColumnChoice columns={columns} visible={visible} onChoose={choose} />
        {props.children}
      </div>
      <table
        className="table"
        aria-label={name}
        aria-rowcount={hasNextPage ? -1 : rows.length + 1}
        onKeyDown={window.onKeyDown}
      >
        <colgroup>
          {shownColumns.map(({ id, width: own }) => (
            <col key={id} style={{ width: `${(100 * own) / width}%` }} />
          ))}
        </colgroup>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} aria-rowindex={1}>
              {group.headers.map((header) => {
                const column = byId.get(header.column.id);
                const direction = header.column.getIsSorted();
                return (
                  <th
                    key={header.id}
                    scope="col"
                    data-name={column?.name}
                    className={column?.isFigure === true ? "r" : undefined}
                    aria-sort={
                      direction === false
                        ? undefined
                        : direction === "asc"
                          ? "ascending"
                          : "descending"
                    }
                  >
                    <Head
                      sort={hasButtons ? column?.sort : undefined}
                      direction={direction}
                      onSort={(by) => onSort?.(nextSort(sort ?? usual, by, usual))}
                    >
                      <span className={column?.name === "Actions" ? "unseen" : undefined}>
                        <table.FlexRender header={header} />
                      </span>
                    </Head>
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody ref={body} tabIndex={-1}>
          <Space height={window.above} columns={shownColumns.length} />
          {window.shown.map(({ index, key }) => (
            <tr key={key} data-index={index} ref={window.measure} aria-rowindex={index + 2}>
              {model[index]?.getVisibleCells().map((cell) => {
                const column = byId.get(cell.column.id);
                return (
                  <td
                    key={cell.id}
                    data-name={column?.name}
                    className={`${column?.isFigure === true ? "r" : ""} ${column?.className ?? ""}`}
                  >
                    <div className="cell">
                      <table.FlexRender cell={cell} />
                    </div>
                  </td>
                );
              })}
            </tr>
          ))}
          <Space height={window.below} columns={shownColumns.length} />
        </tbody>
      </table>
      {hasNextPage && (
        <div className="show-more">
          {isFetchNextPageError && <span className="bad-text">The next rows did not come.</span>}
          <button
            type="button"
            className="b"
            disabled={isFetchingNextPage}
            onClick={() => void fetchNextPage()}
          >
            {isFetchingNextPage ? "Asking …" : isFetchNextPageError ? "Try again" : "Show more"}
          </button>
        </div>
      )}
    </div>
  );
}

/** Where rows are that cannot be seen. */
function Space({ height, columns }: { readonly height: number; readonly columns: number }) {
  if (height <= 0) return null;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it can be focused
    <tr aria-hidden="true" className="not-seen">
      <td colSpan={columns} style={{ height }} />
    </tr>
  );
}

function Head(props: {
  readonly sort: string | undefined;
  readonly direction: false | "asc" | "desc";
  readonly onSort: (by: string) => void;
  readonly children: ReactNode;
}) {
  const { sort, direction, onSort, children } = props;
  if (sort === undefined) return children;
  return (
    <button type="button" className={`sorts ${direction || ""}`} onClick={() => onSort(sort)}>
      {children}
      <Icon name="down" size={12} />
    </button>
  );
}
