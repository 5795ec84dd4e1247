import type { ReactNode } from "react";
import { useState } from "react";
import { csvOf } from "../parts/chart/csv.ts";
import { saveFile } from "./csv.ts";

/** What a file has in a cell. */
type Cell = string | number | boolean | null;

export interface Column<R> {
  readonly name: string;
  /** Left out where only the file has it. */
  readonly cell?: (row: R) => ReactNode;
  /** The same in a file; left out where the column is only buttons. */
  readonly csv?: (row: R) => Cell;
  readonly isFigure?: boolean;
  readonly className?: string;
}

interface Props<R> {
  /** What it is a table of: for screen readers, and the file's name. */
  readonly name: string;
  readonly rows: readonly R[];
  readonly keyOf: (row: R) => string;
  readonly columns: readonly Column<R>[];
  readonly rowClass?: (row: R) => string;
  /** Asks for all rows, where the page shows only some of them. */
  readonly all?: () => Promise<readonly R[]>;
  readonly children?: ReactNode;
}

/** Rows that become cards on a telephone. */
export function RowTable<R>({
  name,
  rows,
  keyOf,
  columns,
  rowClass,
}: Pick<Props<R>, "name" | "rows" | "keyOf" | "columns" | "rowClass">) {
  const seen = columns.flatMap((column) =>
    column.cell === undefined ? [] : [{ ...column, cell: column.cell }],
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys scroll what has the focus
    <section className="scroll stacks" aria-label={`Table: ${name}`} tabIndex={0}>
      <table className="table">
        <thead>
          <tr>
            {seen.map((column) => (
              <th
                key={column.name}
                data-name={column.name}
                className={column.isFigure === true ? "r" : undefined}
              >
                <span className={column.name === "Actions" ? "unseen" : undefined}>
                  {column.name}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} className={rowClass?.(row)}>
              {seen.map((column) => (
                <td
                  key={column.name}
                  data-name={column.name}
                  className={`${column.isFigure === true ? "r" : ""} ${column.className ?? ""}`}
                >
                  <div className="cell">{column.cell(row)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The same with a line above it: what the rows are, and a file for spreadsheets. */
export function DataTable<R>(props: Props<R>) {
  const { name, rows, columns, all, children } = props;
  return (
    <>
      <div className="table-tools">
        {children}
        <span className="space" />
        <CsvButton
          name={name}
          rows={rows}
          columns={columns}
          {...(all === undefined ? {} : { all })}
        />
      </div>
      <RowTable {...props} />
    </>
  );
}

const cellOf = (cell: Cell): string | number | null =>
  typeof cell === "boolean" ? (cell ? "yes" : "no") : cell;

/** The rows as a file for spreadsheets: of those that are shown, or of all where they can be asked for. */
export function CsvButton<R>({
  name,
  rows,
  columns,
  all,
}: Pick<Props<R>, "name" | "rows" | "columns" | "all">) {
  const [state, setState] = useState<"idle" | "asking" | "failed">("idle");
  const kept = columns.flatMap((column) =>
    column.csv === undefined ? [] : [{ name: column.name, csv: column.csv }],
  );
  const save = async (): Promise<void> => {
    setState("asking");
    try {
      const wanted = all === undefined ? rows : await all();
      const text = csvOf({
        columns: kept.map((column) => column.name),
        rows: wanted.map((row) => kept.map((column) => cellOf(column.csv(row)))),
      });
      saveFile(`${name.toLowerCase().replaceAll(" ", "-")}.csv`, text, "text/csv;charset=utf-8");
      setState("idle");
    } catch {
      setState("failed");
    }
  };
  return (
    <button
      type="button"
      className="b small"
      disabled={state === "asking"}
      onClick={() => void save()}
    >
      {state === "asking" ? "Asking …" : state === "failed" ? "CSV: try again" : "CSV"}
      <span className="unseen"> of {name}</span>
    </button>
  );
}
