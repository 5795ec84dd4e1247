/** Rows of a CSV file, with quotes taken off; a byte order mark and empty lines are left out. Semicolons count where the first line has no comma. */
export function readCsv(text: string): readonly { line: number; cells: readonly string[] }[] {
  const clean = text.replace(/^\uFEFF/, "");
  const [first = ""] = clean.split(/\r?\n/, 1);
  const separator = first.includes(",")
    ? ","
    : first.includes(";")
      ? ";"
      : first.includes("\t")
        ? "\t"
        : ",";
  const rows: { line: number; cells: readonly string[] }[] = [];
  let cells: string[] = [];
  let cell = "";
  let isQuoted = false;
  let line = 1;
  let began = 1;
  const endCell = (): void => {
    cells.push(cell.trim());
    cell = "";
  };
  const endRow = (): void => {
    endCell();
    if (cells.some((each) => each !== "")) rows.push({ line: began, cells });
    cells = [];
  };
  for (let at = 0; at < clean.length; at += 1) {
    const character = clean[at] ?? "";
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (clean[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
      if (character === "\n") line += 1;
    } else if (character === '"' && cell.trim() === "") {
      isQuoted = true;
      cell = "";
    } else if (character === separator) endCell();
    else if (character === "\n") {
      endRow();
      line += 1;
      began = line;
    } else if (character !== "\r") cell += character;
  }
  endRow();
  return rows;
}

/** Hands a text to the browser as a file. */
export function saveFile(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
