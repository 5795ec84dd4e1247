import { styleText } from "node:util";

export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
}

/** Where a person or a script reads. */
export interface Terminal {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** A person looks at it: a bar may move. */
  readonly interactive: boolean;
  /** A person can be asked. */
  readonly canAsk: boolean;
  readonly columns: number;
  readonly style: Style;
}

// Whether there are colours is decided below, once: `styleText` would look at the process's streams again.
const paint =
  (on: boolean, format: Parameters<typeof styleText>[0]) =>
  (text: string): string =>
    on ? styleText(format, text, { validateStream: false }) : text;

export function styleOf(colours: boolean): Style {
  return {
    bold: paint(colours, "bold"),
    dim: paint(colours, "dim"),
    good: paint(colours, "green"),
    bad: paint(colours, "red"),
    warn: paint(colours, "yellow"),
  };
}

/** The process's own streams. Colours are off where the output is no terminal, and with NO_COLOR (no-color.org). */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const interactive = stdout.isTTY === true && env["TERM"] !== "dumb";
  return {
    write: (text) => void stdout.write(text),
    writeError: (text) => void stderr.write(text),
    interactive,
    canAsk: stdin.isTTY === true && stdout.isTTY === true,
    columns: stdout.columns ?? 80,
    style: styleOf(interactive && (env["NO_COLOR"] ?? "") === ""),
  };
}
