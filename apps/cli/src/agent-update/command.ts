import { Command } from "commander";
import type { Console } from "../console.ts";
import { addCommands, type LazyCommand, type Words } from "../lazy-commands.ts";

const COMMANDS: readonly LazyCommand[] = [
  {
    name: "sign",
    terms: "[options] <manifest>",
    description: "sign an update that `npm run package` built; make its key with `release keygen`",
    load: async (console) => (await import("./sign.ts")).signCommand(console),
  },
  {
    name: "publish",
    terms: "[options] <manifest>",
    description: "upload a signed update; stations take it when it is pushed",
    load: async (console) => (await import("./publish.ts")).publishCommand(console),
  },
  {
    name: "list",
    terms: "[options]",
    description: "updates of the server",
    load: async (console) => (await import("./publish.ts")).listCommand(console),
  },
  {
    name: "withdraw",
    terms: "[options] <version>",
    description: "send an update to nobody any more",
    load: async (console) => (await import("./publish.ts")).withdrawCommand(console),
  },
  {
    name: "push",
    terms: "[options] <version>",
    description: "bring an update to lines or stations: one first, then line by line",
    load: async (console) => (await import("./push.ts")).pushCommand(console),
  },
  {
    name: "status",
    terms: "[options]",
    description: "which version each station runs, and how its update goes",
    load: async (console) => (await import("./status.ts")).statusCommand(console),
  },
  {
    name: "pushes",
    terms: "[options]",
    description: "pushes, the latest first",
    load: async (console) => (await import("./push.ts")).pushesCommand(console),
  },
  {
    name: "pause",
    terms: "[options] <push>",
    description: "tell no more stations",
    load: async (console) => (await import("./push.ts")).stateCommand(console, "pause"),
  },
  {
    name: "resume",
    terms: "[options] <push>",
    description: "go on with a push that was paused, or that an update's failure stopped",
    load: async (console) => (await import("./push.ts")).stateCommand(console, "resume"),
  },
  {
    name: "end",
    terms: "[options] <push>",
    description: "call a push off; stations that have switched keep what they run",
    load: async (console) => (await import("./push.ts")).stateCommand(console, "end"),
  },
];

const EXAMPLES = `
Examples:
  flashline release keygen update
  flashline agent-update sign flashline-agent-update_1.5.0_linux-x64.json --key update.key
  flashline agent-update publish flashline-agent-update_1.5.0_linux-x64.json --key update.pub
  flashline agent-update push 1.5.0 --line L3 --dry-run
  flashline agent-update push 1.5.0 --line L3 --reason "mends the label printer"
  flashline agent-update status`;

export function agentUpdateCommand(console: Console, words: Words): Promise<Command> {
  return addCommands(
    new Command("agent-update").addHelpText("after", EXAMPLES),
    console,
    COMMANDS,
    words,
  );
}
