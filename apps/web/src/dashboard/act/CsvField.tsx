import { FileInput } from "@mantine/core";
import { counted } from "../../shared/format.ts";

type Read =
  | { readonly kind: "rows"; readonly rows: readonly unknown[] }
  | { readonly kind: "unreadable"; readonly why: string };

interface Props<R extends Read> {
  /** The file's name, and what was read of it; null until one is chosen. */
  readonly file: string;
  readonly read: R | null;
  readonly readText: (text: string) => R;
  readonly onRead: (file: string, read: R | null) => void;
}

/** A CSV file that is read when it is chosen, with how many rows it has or why it cannot be read. */
export function CsvField<R extends Read>({ file, read, readText, onRead }: Props<R>) {
  return (
    <>
      <FileInput
        label="File"
        required
        accept=".csv,text/csv,text/plain"
        placeholder="Choose a CSV file"
        onChange={(chosen) => {
          onRead(chosen?.name ?? "", null);
          if (chosen !== null) {
            void chosen.text().then((text) => onRead(chosen.name, readText(text)));
          }
        }}
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
