import { CommanderError } from "commander";
import { processConsole } from "./console.ts";
import { ExitCode } from "./exit.ts";
import { createProgram } from "./program.ts";
import { refusalOf } from "./refusal.ts";
import { refusalText } from "./refusal-text.ts";

const args = process.argv.slice(2);
const console = processConsole();
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // The reader of a pipe has enough ("flashline … | head").
  if (error.code === "EPIPE") process.exit(process.exitCode ?? ExitCode.Done);
  throw error;
});

try {
  await createProgram(console).parseAsync(args, { from: "user" });
} catch (error) {
  const helpOrVersion = error instanceof CommanderError && error.exitCode === 0;
  if (!helpOrVersion) {
    const refusal = refusalOf(error);
    const { terminal } = console;
    // Before the options are parsed there is nothing but the words themselves to tell who reads.
    if (args.includes("--json")) {
      const { code, message, units } = refusal;
      terminal.write(`${JSON.stringify({ event: "refused", code, message, units })}\n`);
    } else {
      terminal.writeError(refusalText(refusal));
    }
    process.exitCode = refusal.exit;
  }
}
