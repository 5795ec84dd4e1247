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
    name: "import",
    terms: "[options] <file>",
    description: "register a list of serial numbers from a CSV file, all or none",
    load: async (console) => (await import("./import.ts")).importCommand(console),
  },
  {
    name: "values",
    terms: "[options] <file>",
    description: "give units the data that their releases take, from a JSON file",
    load: async (console) => (await import("./values.ts")).valuesCommand(console),
  },
  {
    name: "hold",
    terms: "[options] <serial>",
    description: "do not flash a unit until it is released",
    load: async (console) => (await import("../hold/stop.ts")).stopCommand(console, "unit"),
  },
  {
    name: "release",
    terms: "[options] <serial>",
    description: "lift a unit's hold",
    load: async (console) => (await import("../hold/stop.ts")).resumeCommand(console, "unit"),
  },
  {
    name: "repair",
    terms: "[options] <serial>",
    description: "record what was done after a failed attempt: the unit's failures begin anew",
    load: async (console) => (await import("../rework/commands.ts")).repairCommand(console),
  },
  {
    name: "allow-retest",
    terms: "[options] <serial>",
    description: "let a unit that failed too often be tried once more",
    load: async (console) =>
      (await import("../rework/commands.ts")).reasonCommand(console, "allow-retest"),
  },
  {
    name: "scrap",
    terms: "[options] <serial>",
    description: "scrap a unit: it is not flashed any more",
    load: async (console) =>
      (await import("../rework/commands.ts")).reasonCommand(console, "scrap"),
  },
  {
    name: "unscrap",
    terms: "[options] <serial>",
    description: "take back that a unit was scrapped",
    load: async (console) =>
      (await import("../rework/commands.ts")).reasonCommand(console, "unscrap"),
  },
  {
    name: "affected",
    terms: "[options]",
    description: "units that a host, a release or something else touched, counted and as CSV",
    load: async (console) => (await import("./affected.ts")).affectedCommand(console),
  },
  {
    name: "dossier",
    terms: "[options] <serial>",
    description: "everything about a unit, as PDF or JSON",
    load: async (console) => (await import("./dossier.ts")).dossierCommand(console),
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
