import { createInterface } from "node:readline/promises";
import { processTerminal, type Terminal } from "./terminal/terminal.ts";
import { wrap } from "./terminal/wrap.ts";

export interface InterruptHandle {
  readonly signal: AbortSignal;
  readonly release: () => void;
}

/** What a command has of the process around it. */
export interface Console {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Aborts the signal at the first Ctrl-C, SIGTERM or SIGHUP, saying `message`; a second Ctrl-C or SIGTERM ends the process as
   * usual. A second SIGHUP does nothing: a terminal that closes sends it by the kernel and by the shell, and nobody asked twice.
   */
  readonly onInterrupt: (message: string) => InterruptHandle;
  /** One line typed by a person. */
  readonly ask: (question: string) => Promise<string>;
}

const ASKED = ["SIGINT", "SIGTERM"] as const;

export function processConsole(): Console {
  const terminal = processTerminal();
  return {
    terminal,
    env: process.env,
    onInterrupt(message) {
      const controller = new AbortController();
      const stop = () => {
        for (const signal of ASKED) process.off(signal, stop);
        if (controller.signal.aborted) return;
        if (message !== "") terminal.writeError(`${message}\n`);
        controller.abort();
      };
      for (const signal of [...ASKED, "SIGHUP"]) process.on(signal, stop);
      const release = () => {
        for (const signal of [...ASKED, "SIGHUP"]) process.off(signal, stop);
      };
      return { signal: controller.signal, release };
    },
    async ask(question) {
      const lines = createInterface({ input: process.stdin, output: process.stdout });
      try {
        return await lines.question(`${wrap(question.trimEnd(), terminal.columns)} `);
      } finally {
        lines.close();
      }
    },
  };
}
