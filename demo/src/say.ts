/** Where the demo speaks: a person's terminal, or stderr when a program reads stdout. */
export interface Voice {
  readonly line: (text: string) => void;
  /** One line that is drawn over itself on a terminal; now and then a line elsewhere. */
  readonly status: (text: string) => void;
  /** The line that a program reads; it is kept until {@link Voice.close}. */
  readonly result: (value: object) => void;
  /** Says the result, if there is one, as the last line of all. */
  readonly close: () => void;
}

const STATUS_EVERY_MS = 10_000;

export function createVoice(json: boolean): Voice {
  const stream = json ? process.stderr : process.stdout;
  let shown = false;
  let kept: object | undefined;
  let last = Number.NEGATIVE_INFINITY;
  const line = (text: string) => {
    stream.write(`${shown ? "\r\x1b[K" : ""}${text}\n`);
    shown = false;
  };
  return {
    line,
    status(text) {
      if (stream.isTTY) {
        stream.write(`\r${text.slice(0, (stream.columns ?? 80) - 1)}\x1b[K`);
        shown = true;
      } else if (performance.now() - last >= STATUS_EVERY_MS) {
        last = performance.now();
        stream.write(`${text}\n`);
      }
    },
    result: (value) => {
      kept = value;
    },
    close: () => {
      if (kept !== undefined) process.stdout.write(`${JSON.stringify(kept)}\n`);
    },
  };
}
