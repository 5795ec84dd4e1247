import { Command } from "commander";
import type { Console } from "./console.ts";

/** The words of a command line from here on, or all commands: for a script that completes them. */
export type Words = readonly string[] | "all";

/** One row of a list of commands. What it does is loaded only when it is called: most of a start is reading code. */
export interface LazyCommand {
  readonly name: string;
  readonly description: string;
  /** What a list of commands shows after the name, e.g. "[options] <file>". Empty where nothing follows. */
  readonly terms: string;
  /** The words are those after the command's own name. */
  readonly load: (console: Console, words: Words) => Promise<Command>;
}

/** Adds all of them to the parent: those that the words name as they are, of the others what a list of commands shows. */
export async function addCommands(
  parent: Command,
  console: Console,
  rows: readonly LazyCommand[],
  words: Words,
): Promise<Command> {
  for (const row of rows) {
    const below = wordsBelow(row.name, words);
    parent.addCommand(below === undefined ? rowOnly(row) : await loaded(row, console, below));
  }
  return parent;
}

async function loaded(row: LazyCommand, console: Console, words: Words): Promise<Command> {
  return (await row.load(console, words)).name(row.name).description(row.description);
}

function rowOnly({ name, description, terms }: LazyCommand): Command {
  const command = new Command(name).description(description);
  return terms === "" ? command : command.arguments(terms);
}

/** The words after the name where it is called or asked about; undefined where another command is. */
function wordsBelow(name: string, words: Words): Words | undefined {
  if (words === "all") return words;
  const own = words.filter((word) => !word.startsWith("-"));
  const asked = own[0] === "help" ? own.slice(1) : own;
  return asked[0] === name ? asked.slice(1) : undefined;
}
