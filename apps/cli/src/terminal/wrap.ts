import { stripVTControlCharacters } from "node:util";

const MOST_INDENT = 8;

/**
 * Breaks lines at blanks so that none is wider than the terminal, which would break them anywhere; what follows a break stands a
 * little further in than its line began. Colours take no room. A word that is too long stays whole.
 */
export const wrap = (text: string, columns: number): string =>
  text
    .split("\n")
    .map((line) => (widthOf(line) <= columns ? line : wrapLine(line, columns)))
    .join("\n");

const widthOf = (text: string): number => stripVTControlCharacters(text).length;

function wrapLine(line: string, columns: number): string {
  const [lead = ""] = /^ */.exec(line) ?? [];
  const indent = " ".repeat(Math.min(lead.length + 2, MOST_INDENT));
  const lines: string[] = [];
  let present = lead;
  let empty = true;
  for (const [, blanks = "", word = ""] of line.slice(lead.length).matchAll(/( *)([^ ]+)/g)) {
    const longer = empty ? `${present}${word}` : `${present}${blanks}${word}`;
    if (empty || widthOf(longer) <= columns) present = longer;
    else {
      lines.push(present);
      present = `${indent}${word}`;
    }
    empty = false;
  }
  return [...lines, present].join("\n");
}
