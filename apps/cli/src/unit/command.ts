import { Command } from "commander";
import type { Console } from "../console.ts";
import { addCommands, type LazyCommand, type Words } from "../lazy-commands.ts";

const COMMANDS: readonly LazyCommand[] = [
  {
    name: "list",
    terms: "[options]",
    description: "units, those that were worked on last first",
    load: async (console) => (await import("./list.ts")).listCommand(console),
  },
  {
    name: "show",
    terms: "[options] <serial>",
    description: "one unit with all its attempts",
    load: async (console) => (await import("./show.ts")).showCommand(console),
  },
  {
    name: "add",
    terms: "[options] <serials...>",
    description: "register serial numbers of a product",
    load: async (console) => (await import("./add.ts")).addCommand(console),
  },
  {
    name: "values",
    terms: "[options] <file>",
    description: "give units the data that their releases take, from a JSON file",
    load: async (console) => (await import("./values.ts")).valuesCommand(console),
  },
  {
    name: "transcript",
    terms: "[options] <attempt>",
    description: "what went over the wire in a failed attempt, as a pcapng file without content",
    load: async (console) => (await import("./transcript.ts")).transcriptCommand(console),
  },
];

export function unitCommand(console: Console, words: Words): Promise<Command> {
  return addCommands(new Command("unit"), console, COMMANDS, words);
}
