import { Command } from "commander";
import type { Console } from "../console.ts";
import { addCommands, type LazyCommand, type Words } from "../lazy-commands.ts";

const COMMANDS: readonly LazyCommand[] = [
  {
    name: "add",
    terms: "[options] <number>",
    description: "a new work order; the same again is no error",
    load: async (console) => (await import("./add.ts")).addCommand(console),
  },
  {
    name: "list",
    terms: "[options]",
    description: "work orders, the latest first",
    load: async (console) => (await import("./add.ts")).listCommand(console),
  },
  {
    name: "show",
    terms: "[options] <number>",
    description: "one work order, with its place at each station",
    load: async (console) => (await import("./add.ts")).showCommand(console),
  },
  {
    name: "assign",
    terms: "[options] <number> <stations...>",
    description: "put an order into the queues of stations, or move them to it from another one",
    load: async (console) => (await import("./change.ts")).assignCommand(console),
  },
  {
    name: "withdraw",
    terms: "[options] <number> <stations...>",
    description: "take an order out of the queues of stations; units in work finish",
    load: async (console) => (await import("./change.ts")).withdrawCommand(console),
  },
  {
    name: "quantity",
    terms: "[options] <number> <n>",
    description: "raise or lower an order's quantity",
    load: async (console) => (await import("./change.ts")).quantityCommand(console),
  },
  {
    name: "release",
    terms: "[options] <number> [version]",
    description: "give the next units of an order another release",
    load: async (console) => (await import("./change.ts")).releaseCommand(console),
  },
  {
    name: "close",
    terms: "[options] <number>",
    description: "no more units of an order; those in work finish",
    load: async (console) => (await import("./change.ts")).closeCommand(console),
  },
  {
    name: "reopen",
    terms: "[options] <number>",
    description: "let a closed order go on",
    load: async (console) => (await import("./change.ts")).reopenCommand(console),
  },
  {
    name: "grants",
    terms: "[options] [number]",
    description: "units that stations keep for the time without the server",
    load: async (console) => (await import("./grants.ts")).grantsCommand(console),
  },
  {
    name: "end-grant",
    terms: "[options] <id>",
    description: "free the units that a station keeps which does not come back",
    load: async (console) => (await import("./grants.ts")).endGrantCommand(console),
  },
];

const EXAMPLES = `
Examples:
  flashline order add WO-20418 --product MC-2 --release 2.8.1 --quantity 600 --station L3-01
  flashline order show WO-20418
  flashline order quantity WO-20418 650
  flashline order close WO-20418`;

export function orderCommand(console: Console, words: Words): Promise<Command> {
  return addCommands(new Command("order").addHelpText("after", EXAMPLES), console, COMMANDS, words);
}
