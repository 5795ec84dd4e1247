import { Command } from "commander";
import type { Console } from "../console.ts";
import { addCommands, type LazyCommand, type Words } from "../lazy-commands.ts";

const COMMANDS: readonly LazyCommand[] = [
  {
    name: "add",
    terms: "[options] <name>",
    description: "a new person; the same again is no error",
    load: async (console) => (await import("./person.ts")).addCommand(console),
  },
  {
    name: "list",
    terms: "[options]",
    description: "people by name",
    load: async (console) => (await import("./person.ts")).listCommand(console),
  },
  {
    name: "show",
    terms: "[options] <name>",
    description: "one person, with open sessions and valid tokens",
    load: async (console) => (await import("./person.ts")).showCommand(console),
  },
  {
    name: "role",
    terms: "[options] <name> <role>",
    description: "give a person another role; their sessions end",
    load: async (console) => (await import("./change.ts")).roleCommand(console),
  },
  {
    name: "plant",
    terms: "[options] <name> <plant>",
    description: 'say in which plant a person works; "-" for all of them',
    load: async (console) => (await import("./change.ts")).plantCommand(console),
  },
  {
    name: "rename",
    terms: "[options] <name> <new-name>",
    description: "give a person another name",
    load: async (console) => (await import("./change.ts")).renameCommand(console),
  },
  {
    name: "password",
    terms: "[options] <name>",
    description: "give a person another password; their sessions end",
    load: async (console) => (await import("./change.ts")).passwordCommand(console),
  },
  {
    name: "link",
    terms: "[options] <name> <subject>",
    description: "let a person log in by an identity at the provider",
    load: async (console) => (await import("./change.ts")).linkCommand(console),
  },
  {
    name: "unlink",
    terms: "[options] <name>",
    description: "take a person's identities at the provider away; their sessions end",
    load: async (console) => (await import("./change.ts")).unlinkCommand(console),
  },
  {
    name: "disable",
    terms: "[options] <name>",
    description: "keep a person out; their sessions and the tokens that they made end",
    load: async (console) => (await import("./change.ts")).disableCommand(console),
  },
  {
    name: "enable",
    terms: "[options] <name>",
    description: "let a person in again; what ended stays ended",
    load: async (console) => (await import("./change.ts")).enableCommand(console),
  },
];

const EXAMPLES = `
Examples:
  flashline person add berta --role engineer --plant Graz --password-stdin
  flashline person show berta
  flashline person role berta operator-lead --reason "leads the night shift"
  flashline person disable berta --reason "left the company"`;

export function personCommand(console: Console, words: Words): Promise<Command> {
  return addCommands(
    new Command("person").addHelpText("after", EXAMPLES),
    console,
    COMMANDS,
    words,
  );
}
