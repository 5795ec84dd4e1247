import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const DOCUMENT = fileURLToPath(new URL("../../docs/benchmarks.md", import.meta.url));

/** Replaces what stands between the two marks of that name in docs/benchmarks.md. */
export function putIntoDocument(name: string, text: string): void {
  const [begin, end] = [`<!-- ${name} figures -->`, `<!-- end of ${name} figures -->`];
  const document = readFileSync(DOCUMENT, "utf8");
  const [from, to] = [document.indexOf(begin) + begin.length, document.indexOf(end)];
  writeFileSync(DOCUMENT, `${document.slice(0, from)}\n\n${text}\n${document.slice(to)}`);
}

/** A Markdown table as the formatter would lay it out. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, at) =>
    Math.max(3, cell.length, ...rows.map((row) => (row[at] ?? "").length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return `${[line(head), line(rule), ...rows.map(line)].join("\n")}\n`;
}

export const seconds = (ms: number): string => (ms / 1000).toFixed(2);
