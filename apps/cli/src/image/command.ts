import { Command } from "commander";
import type { Console } from "../console.ts";
import { addCommands, type LazyCommand, type Words } from "../lazy-commands.ts";

const COMMANDS: readonly LazyCommand[] = [
  {
    name: "inspect",
    terms: "[options] <file>",
    description: "what a firmware file holds, and where it goes",
    load: async (console) => (await import("./inspect.ts")).inspectCommand(console),
  },
  {
    name: "convert",
    terms: "[options] <file> <output>",
    description: "one image format to another, whole or in part",
    load: async (console) => (await import("./convert.ts")).convertCommand(console),
  },
  {
    name: "merge",
    terms: "[options] <file...>",
    description: "several files as one; refused where they differ in what an address holds",
    load: async (console) => (await import("./merge.ts")).mergeCommand(console),
  },
];

export function imageCommand(console: Console, words: Words): Promise<Command> {
  return addCommands(new Command("image"), console, COMMANDS, words);
}
