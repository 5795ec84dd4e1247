import { CommanderError } from "commander";
import { processConsole } from "./console.ts";
import { ExitCode } from "./exit.ts";
import { runProgram } from "./program.ts";

const args = process.argv.slice(2);
const console = processConsole();
/** Why the output did not arrive completely. The work on a unit goes on all the same, and its outcome decides the exit code. */
let unsaid: NodeJS.ErrnoException | undefined;
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (unsaid === undefined && error.code !== "EPIPE" && stream === process.stdout) {
      console.terminal.writeError(`The output cannot be written: ${error.message}\n`);
    }
    unsaid ??= error;
  });
}
process.once("exit", () => {
  if (unsaid !== undefined)
    process.exitCode ??= unsaid.code === "EPIPE" ? ExitCode.Unread : ExitCode.Fail;
});

try {
  await runProgram(console, args);
} catch (error) {
  const helpOrVersion = error instanceof CommanderError && error.exitCode === 0;
  if (!helpOrVersion) {
    // Only now: most commands need none of the words for what went wrong.
    const { refusalOf } = await import("./refusal-of.ts");
    const { refusalText } = await import("./refusal-text.ts");
    const refusal = await refusalOf(error);
    const { terminal } = console;
    // The options are not parsed yet. Only the words themselves tell whether a person or a program reads.
    if (args.includes("--json")) {
      const { code, message, units } = refusal;
      terminal.write(`${JSON.stringify({ event: "refused", code, message, units })}\n`);
    } else {
      terminal.writeError(refusalText(refusal));
    }
    process.exitCode = refusal.exit;
  }
}
