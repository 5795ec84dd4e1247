import { Table } from "@mantine/core";
import { useId, useState } from "react";
import "../../styles/chart.css";
import { Icon } from "../../../shared/icons.tsx";
import { Scroll } from "../Scroll.tsx";
import { Empty } from "../states.tsx";
import { type ChartTable, csvOf } from "./csv.ts";

interface Props {
  readonly title: string;
  /** How to read it. */
  readonly hint: string;
  readonly table: ChartTable;
  /** Instead of a picture without anything in it. */
  readonly empty: string;
  /** What is chosen about it. */
  readonly tools?: React.ReactNode;
  readonly children: React.ReactNode;
}

/** Around every chart: its title, how to read it, the same as a table and as a file. */
export function ChartFrame({ title, hint, table, empty, tools, children }: Props) {
  const id = useId();
  const [asTable, setAsTable] = useState(false);
  const isEmpty = table.rows.length === 0;
  return (
    <section className="card chart" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {tools}
        {!isEmpty && (
          <span className="as">
            <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
              <Icon name={asTable ? "chart" : "table"} size={16} />
              {asTable ? "Chart" : "Table"}
              <span className="unseen"> of {title}</span>
            </button>
            <button type="button" onClick={() => save(`${title}.csv`, csvOf(table))}>
              <Icon name="download" size={16} />
              CSV
              <span className="unseen"> of {title}</span>
            </button>
          </span>
        )}
      </header>
      {isEmpty ? (
        <Empty title={empty} />
      ) : (
        <>
          <p className="hint">{hint}</p>
          {asTable ? <AsTable title={title} table={table} /> : children}
        </>
      )}
    </section>
  );
}

function AsTable({ title, table }: { readonly title: string; readonly table: ChartTable }) {
  return (
    <Scroll label={`${title}, as a table`}>
      <Table className="figures-table" withRowBorders striped={false}>
        <Table.Thead>
          <Table.Tr>
            {table.columns.map((column) => (
              <Table.Th key={column}>{column}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {table.rows.map((row) => (
            <Table.Tr key={row.join(" ")}>
              {row.map((value, at) => (
                <Table.Td key={table.columns[at]} className={typeof value === "number" ? "r" : ""}>
                  {value === null ? "–" : shown(value)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}

const shown = (value: string | number): string =>
  typeof value === "number" && !Number.isInteger(value) ? value.toFixed(4) : String(value);

function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
