import { FileInput } from "@mantine/core";
import { counted } from "../../shared/format.ts";
import { useLatestFile } from "./latest-file.ts";

type Read<Row> =
  | { readonly kind: "rows"; readonly rows: readonly Row[] }
  | { readonly kind: "unreadable"; readonly why: string };

interface Props<Row> {
  /** The file's name, and what was read of it; null until one is chosen. */
  readonly file: string;
  readonly read: Read<Row> | null;
  readonly readText: (text: string) => Read<Row>;
  readonly onRead: (file: string, read: Read<Row> | null) => void;
}

/** A CSV file that is read when it is chosen, with how many rows it has or why it cannot be read. */
export function CsvField<Row>({ file, read, readText, onRead }: Props<Row>) {
  const take = useLatestFile(
    async (chosen) => {
      try {
        return readText(await chosen.text());
      } catch {
        return { kind: "unreadable", why: "The browser cannot read this file." } as const;
      }
    },
    (chosen, found) => onRead(chosen?.name ?? "", found),
  );
  return (
    <>
      <FileInput
        label="File"
        required
        accept=".csv,text/csv,text/plain"
        placeholder="Choose a CSV file"
        onChange={take}
        {...(read?.kind === "unreadable" ? { error: read.why } : {})}
      />
      {read?.kind === "rows" && (
        <p role="status">
          {counted(read.rows.length, "row")} in {file}.
        </p>
      )}
    </>
  );
}
