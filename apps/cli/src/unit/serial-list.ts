import type { SerialRow } from "@flashline/contract";
import { readCsvRows } from "../csv-file.ts";
import { defined } from "../defined.ts";
import { Refusal } from "../refusal.ts";

/** What heads of columns are called, without capitals, blanks and underscores. */
const COLUMNS: Readonly<Record<string, "serial" | "boardRevision" | "batch" | "order">> = {
  serial: "serial",
  boardrevision: "boardRevision",
  batch: "batch",
  order: "order",
};

function columnOf(head: string, file: string): string {
  const column = COLUMNS[head.toLowerCase().replace(/[\s_]/g, "")];
  if (column !== undefined) return column;
  throw new Refusal(
    "usage.argument",
    `${file} has a column "${head}"; it may have serial, boardRevision, batch and order.`,
  );
}

/** The rows of a list with a line of heads, in CSV as spreadsheets write it. Throws a Refusal that names the file. */
export function readSerialList(text: string, file: string): SerialRow[] {
  const [head, ...rows] = readCsvRows(text, file);
  const columns = (head?.cells ?? []).map((one) => columnOf(one, file));
  if (!columns.includes("serial")) {
    throw new Refusal("usage.argument", `${file} has no column "serial".`);
  }
  return rows.map(({ line, cells }) => {
    const of = (name: string): string | undefined => cells[columns.indexOf(name)];
    const [boardRevision, batch, order] = [of("boardRevision"), of("batch"), of("order")];
    return { line, serial: of("serial") ?? "", ...defined({ boardRevision, batch, order }) };
  });
}
