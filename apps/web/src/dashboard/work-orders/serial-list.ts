import type { SerialRow } from "@flashline/contract";
import { readCsv } from "../act/csv.ts";

/** What heads of columns are called, without capitals, blanks and underscores. */
const COLUMNS: Readonly<Record<string, "serial" | "boardRevision" | "batch" | "order">> = {
  serial: "serial",
  boardrevision: "boardRevision",
  batch: "batch",
  order: "order",
};

export type ReadList =
  | { readonly kind: "rows"; readonly rows: readonly SerialRow[] }
  | { readonly kind: "unreadable"; readonly why: string };

/**
 * The rows of a list with a line of heads. A row that names no order gets `order`, where there is one: the list was loaded on that
 * order's page.
 */
export function readSerialList(text: string, order?: string): ReadList {
  const [head, ...body] = readCsv(text);
  if (head === undefined) return { kind: "unreadable", why: "The file is empty." };
  const names = head.cells.map((cell) => COLUMNS[cell.toLowerCase().replace(/[\s_]/g, "")]);
  const strange = head.cells.find((_, at) => names[at] === undefined);
  if (strange !== undefined) {
    const why = `The first line has a column "${strange}"; it may have serial, boardRevision, batch and order.`;
    return { kind: "unreadable", why };
  }
  if (!names.includes("serial")) {
    return { kind: "unreadable", why: 'The first line has no column "serial".' };
  }
  const rows = body.map(({ line, cells }): SerialRow => {
    const row: SerialRow = { line, serial: "" };
    for (const [at, name] of names.entries()) {
      const cell = cells[at] ?? "";
      if (name !== undefined && (name === "serial" || cell !== "")) row[name] = cell;
    }
    return row.order === undefined && order !== undefined ? { ...row, order } : row;
  });
  return rows.length === 0
    ? { kind: "unreadable", why: "The file has no row below its heads." }
    : { kind: "rows", rows };
}
