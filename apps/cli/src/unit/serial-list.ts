import type { SerialRow } from "@flashline/contract";
import { CsvError, parse } from "csv-parse/sync";
import { defined } from "../defined.ts";
import { Refusal } from "../refusal.ts";

/** What heads of columns are called, without capitals, blanks and underscores. */
const COLUMNS: Readonly<Record<string, "serial" | "boardRevision" | "batch" | "order">> = {
  serial: "serial",
  boardrevision: "boardRevision",
  batch: "batch",
  order: "order",
};
/** Spreadsheets separate by what the country uses. */
const SEPARATORS = [",", ";", "\t"] as const;

interface Parsed {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

/** The separator that the first line has most of. */
function separatorOf(head: string): string {
  const counts = SEPARATORS.map((one) => head.split(one).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ",";
}

function columnOf(head: string, file: string): string {
  const column = COLUMNS[head.toLowerCase().replace(/[\s_]/g, "")];
  if (column !== undefined) return column;
  throw new Refusal(
    "usage.argument",
    `${file} has a column "${head}"; it may have serial, boardRevision, batch and order.`,
  );
}

function columnsOf(heads: readonly string[], file: string): string[] {
  const columns = heads.map((head) => columnOf(head, file));
  if (columns.includes("serial")) return columns;
  throw new Refusal("usage.argument", `${file} has no column "serial".`);
}

/** The rows of a list with a line of heads, in CSV as spreadsheets write it. Throws a Refusal that names the file. */
export function readSerialList(text: string, file: string): SerialRow[] {
  const [head = ""] = text.split("\n", 1);
  try {
    const rows: Parsed[] = parse(text, {
      bom: true,
      columns: (heads: string[]) => columnsOf(heads, file),
      delimiter: separatorOf(head),
      info: true,
      skip_empty_lines: true,
      trim: true,
    });
    return rows.map(({ record, info }) => {
      const { serial = "", boardRevision, batch, order } = record;
      return { line: info.lines, serial, ...defined({ boardRevision, batch, order }) };
    });
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new Refusal("usage.argument", `${file} cannot be read as CSV: ${cause.message}`, {
      cause,
    });
  }
}
