import type { EventEmitter } from "node:events";
import { createInterface } from "node:readline/promises";
import { ExitCode } from "./exit.ts";
import { processTerminal, type Terminal } from "./terminal/terminal.ts";
import { wrap } from "./terminal/wrap.ts";

export interface InterruptHandle {
  /** Aborted by all of them: nothing more is begun. */
  readonly signal: AbortSignal;
  /** Aborted by Ctrl-C and SIGTERM: what is under way ends at once. */
  readonly stop: AbortSignal;
  readonly release: () => void;
}

export interface InterruptWords {
  /** At Ctrl-C and SIGTERM. */
  readonly stop: string;
  /** At a SIGHUP, unless a stop was heard. */
  readonly hangUp: string;
}

/** What a command has of the process around it. */
export interface Console {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Says which words when a signal is heard for the first time; a second Ctrl-C or SIGTERM ends the process as usual. A second SIGHUP
   * does nothing: a terminal that closes sends it by the kernel and by the shell, and nobody asked twice.
   */
  readonly onInterrupt: (says?: InterruptWords) => InterruptHandle;
  /** One line typed by a person. */
  readonly ask: (question: string) => Promise<string>;
}

const ASKED = ["SIGINT", "SIGTERM"] as const;
/** npm and npx pass a Ctrl-C on that the terminal has sent already: nobody asks twice so soon. */
const SAME_REQUEST_MS = 200;
/** After a stop nothing that cannot be called back, such as a transfer in the kernel, keeps the process. */
const END_AFTER_MS = 500;

/** The launcher of `bin` answers signals until this: what it says is true only before a unit is opened. */
const HEARS_SIGNALS = "flashline:hears-signals";
const launcher: EventEmitter = process;

export function processConsole(): Console {
  const terminal = processTerminal();
  return {
    terminal,
    env: process.env,
    onInterrupt(says) {
      const all = new AbortController();
      const stop = new AbortController();
      const say = (words: string | undefined) => {
        if (words !== undefined) terminal.writeError(`${words}\n`);
      };
      const onHangUp = () => {
        if (all.signal.aborted) return;
        say(says?.hangUp);
        all.abort();
      };
      const forget = () => {
        for (const signal of ASKED) process.off(signal, onStop);
      };
      const onStop = () => {
        if (stop.signal.aborted) return;
        say(says?.stop);
        setTimeout(forget, SAME_REQUEST_MS).unref();
        stop.abort();
        all.abort();
      };
      process.on("SIGHUP", onHangUp);
      for (const signal of ASKED) process.on(signal, onStop);
      launcher.emit(HEARS_SIGNALS);
      const release = () => {
        process.off("SIGHUP", onHangUp);
        // A repetition that is still on its way must not cost the exit code.
        if (!stop.signal.aborted) return forget();
        setTimeout(() => process.exit(process.exitCode ?? ExitCode.Fail), END_AFTER_MS).unref();
      };
      return { signal: all.signal, stop: stop.signal, release };
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
