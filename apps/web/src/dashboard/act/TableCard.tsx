import type { ReactNode } from "react";
import { Empty } from "../parts/states.tsx";
import { type Column, CsvButton, RowTable } from "./DataTable.tsx";

interface Props<R> {
  /** Above the table. */
  readonly title: string;
  /** For the file, where the title alone says too little. */
  readonly name?: string;
  readonly rows: readonly R[];
  readonly keyOf: (row: R) => string;
  readonly columns: readonly Column<R>[];
  readonly rowClass?: (row: R) => string;
  readonly acts?: ReactNode;
  readonly all?: () => Promise<readonly R[]>;
  /** What stands there while there is nothing: a title, and what makes something come. */
  readonly empty: readonly [title: string, hint?: ReactNode];
  /** Between the title and the table. */
  readonly children?: ReactNode;
  /** Below the table, such as a button for more rows. */
  readonly below?: ReactNode;
}

/** A card with a table: its title, what can be done, and the rows as a file. */
export function TableCard<R>(props: Props<R>) {
  const { title, name = title, rows, keyOf, columns, rowClass, acts, all, empty } = props;
  return (
    <section className="card" aria-label={title}>
      <div className="card-head">
        <h2>{title}</h2>
        <span className="row-acts">
          {acts}
          {rows.length > 0 && (
            <CsvButton
              name={name}
              rows={rows}
              columns={columns}
              {...(all === undefined ? {} : { all })}
            />
          )}
        </span>
      </div>
      {props.children}
      {rows.length === 0 ? (
        <Empty title={empty[0]}>{empty[1]}</Empty>
      ) : (
        <RowTable
          name={name}
          rows={rows}
          keyOf={keyOf}
          columns={columns}
          {...(rowClass === undefined ? {} : { rowClass })}
        />
      )}
      {props.below}
    </section>
  );
}
