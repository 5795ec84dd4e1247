import { CsvError, parse } from "csv-parse/sync";
import { Refusal } from "./refusal.ts";

/** Spreadsheets separate by what the country uses. */
const SEPARATORS = [",", ";", "\t"] as const;

/** A row with the line of the file in which it ends. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** The separator that the first line has most of. */
function separatorOf(head: string): string {
  const counts = SEPARATORS.map((one) => head.split(one).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ",";
}

/** Rows of CSV as spreadsheets write it, the first one too. Throws a Refusal that names the file. */
export function readCsvRows(text: string, file: string): readonly CsvRow[] {
  const [head = ""] = text.split("\n", 1);
  try {
    // With `info` each record comes in such an object, which its types leave out.
    const rows = parse(text, {
      bom: true,
      delimiter: separatorOf(head),
      info: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as readonly Parsed[];
    return rows.map(({ record, info }) => ({ line: info.lines, cells: record }));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new Refusal("usage.argument", `${file} cannot be read as CSV: ${cause.message}`, {
      cause,
    });
  }
}
