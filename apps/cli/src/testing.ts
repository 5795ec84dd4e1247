import type { Console } from "./console.ts";
import { runProgram } from "./program.ts";
import { refusalOf } from "./refusal-of.ts";
import { refusalText } from "./refusal-text.ts";
import { styleOf } from "./terminal/terminal.ts";

interface Run {
  readonly out: string;
  readonly error: string;
  readonly exit: number;
}

/** A command as the process would run it, without the process. */
export async function runCommand(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Run> {
  let out = "";
  let error = "";
  const console: Console = {
    terminal: {
      write: (text) => {
        out += text;
      },
      writeError: (text) => {
        error += text;
      },
      interactive: false,
      canAsk: false,
      columns: 80,
      style: styleOf(false),
    },
    env,
    onInterrupt: () => ({
      signal: new AbortController().signal,
      stop: new AbortController().signal,
      release: () => undefined,
    }),
    ask: () => Promise.resolve(""),
  };
  const before = process.exitCode;
  try {
    process.exitCode = 0;
    await runProgram(console, words);
    return { out, error, exit: Number(process.exitCode) };
  } catch (thrown) {
    const refusal = await refusalOf(thrown);
    return { out, error: error + refusalText(refusal), exit: refusal.exit };
  } finally {
    process.exitCode = before;
  }
}
