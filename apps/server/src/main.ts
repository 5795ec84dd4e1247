import { CommanderError } from "commander";
import { readCommand, type ServerCommand } from "./cli/arguments.ts";

/** Usage errors, as the other tools of this project answer them. */
const EXIT_USAGE = 2;

// jscpd:ignore-start: agent and server are programs of their own; no package is about command lines.
/** Nothing where the words were answered with help or a sentence. */
function commandOf(args: readonly string[]): ServerCommand | undefined {
  try {
    return readCommand(args);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    process.exitCode = EXIT_USAGE;
    if (error.code !== "commander.help") {
      const problem = error.message.replace(/^error: /, "");
      process.stderr.write(`${problem}\nAdd --help to see how it is used.\n`);
    }
    return undefined;
  }
}
// jscpd:ignore-end

const command = commandOf(process.argv.slice(2));
if (command !== undefined) {
  // Only now: help and version need neither database nor web server.
  const { run } = await import("./cli/run.ts");
  await run(command);
}
