import { createInterface } from "node:readline/promises";
import { processTerminal, type Terminal } from "./terminal/terminal.ts";

export interface InterruptHandle {
  readonly signal: AbortSignal;
  readonly release: () => void;
}

/** What a command has of the process around it. */
export interface Console {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts the signal at the first Ctrl-C or SIGTERM, saying `message`; a second one ends the process as usual. */
  readonly onInterrupt: (message: string) => InterruptHandle;
  /** One line typed by a person. */
  readonly ask: (question: string) => Promise<string>;
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

export function processConsole(): Console {
  const terminal = processTerminal();
  return {
    terminal,
    env: process.env,
    onInterrupt(message) {
      const controller = new AbortController();
      const release = () => {
        for (const signal of SIGNALS) process.off(signal, stop);
      };
      const stop = () => {
        release();
        if (message !== "") terminal.writeError(`${message}\n`);
        controller.abort();
      };
      for (const signal of SIGNALS) process.once(signal, stop);
      return { signal: controller.signal, release };
    },
    async ask(question) {
      const lines = createInterface({ input: process.stdin, output: process.stdout });
      try {
        return await lines.question(question);
      } finally {
        lines.close();
      }
    },
  };
}
