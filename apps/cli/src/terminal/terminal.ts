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

const paint =
  (on: boolean, open: number, close: number) =>
  (text: string): string =>
    on ? `\x1b[${open}m${text}\x1b[${close}m` : text;

export function styleOf(colours: boolean): Style {
  return {
    bold: paint(colours, 1, 22),
    dim: paint(colours, 2, 22),
    good: paint(colours, 32, 39),
    bad: paint(colours, 31, 39),
    warn: paint(colours, 33, 39),
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
