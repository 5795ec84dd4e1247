import type { ReactNode } from "react";
import { useState } from "react";
import { type Cell, csvText, saveFile } from "./csv.ts";

export interface Column<R> {
  readonly name: string;
  readonly cell: (row: R) => ReactNode;
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

/** Rows that become cards on a telephone, and a file for spreadsheets. */
export function DataTable<R>(props: Props<R>) {
  const { name, rows, keyOf, columns, rowClass, all, children } = props;
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
      <div className="scroll stacks">
        <table className="table" aria-label={name}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.name} className={column.isFigure === true ? "r" : undefined}>
                  {column.csv === undefined && column.name === "Actions" ? (
                    <span className="unseen">Actions</span>
                  ) : (
                    column.name
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={keyOf(row)} className={rowClass?.(row)}>
                {columns.map((column) => (
                  <td
                    key={column.name}
                    data-name={column.name}
                    className={`${column.isFigure === true ? "r" : ""} ${column.className ?? ""}`}
                  >
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function CsvButton<R>({
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
      const text = csvText(
        kept.map((column) => column.name),
        wanted.map((row) => kept.map((column) => column.csv(row))),
      );
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
