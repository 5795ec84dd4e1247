import { Command } from "commander";
import type { Console } from "../console.ts";
import { addCommands, type LazyCommand, type Words } from "../lazy-commands.ts";

const COMMANDS: readonly LazyCommand[] = [
  {
    name: "list",
    terms: "[options]",
    description: "units in bootloader mode, with what lies between them and the PC",
    load: async (console) => (await import("./list.ts")).listCommand(console),
  },
  {
    name: "info",
    terms: "[options]",
    description:
      "what one unit says about itself: chip class, memories, commands, state, read protection",
    load: async (console) => (await import("./info.ts")).infoCommand(console),
  },
  {
    name: "flash",
    terms: "[options] <file>",
    description: "erase, write and verify one unit",
    load: async (console) => (await import("./flash.ts")).flashCommand(console),
  },
  {
    name: "read",
    terms: "[options] <file>",
    description: "read one unit's memory into a file",
    load: async (console) => (await import("./read.ts")).readCommand(console),
  },
  {
    name: "verify",
    terms: "[options] <file>",
    description: "compare one unit's flash with a file; writes nothing",
    load: async (console) => (await import("./verify.ts")).verifyCommand(console),
  },
  {
    name: "erase",
    terms: "[options]",
    description: "erase sectors, or the whole chip when asked for by name",
    load: async (console) => (await import("./erase.ts")).eraseCommand(console),
  },
  {
    name: "options",
    terms: "[options] [action]",
    description: "show a unit's option bytes by name, or write some of them",
    load: async (console) => (await import("./option-bytes.ts")).optionsCommand(console),
  },
  {
    name: "unprotect",
    terms: "[options]",
    description: "lift read protection; this erases the whole flash",
    load: async (console) => (await import("./unprotect.ts")).unprotectCommand(console),
  },
  {
    name: "otp",
    terms: "[options] <file>",
    description: "write one-time memory; it can never be erased",
    load: async (console) => (await import("./otp.ts")).otpCommand(console),
  },
  {
    name: "leave",
    terms: "[options]",
    description: "tell the unit to leave bootloader mode and start the application",
    load: async (console) => (await import("./leave.ts")).leaveCommand(console),
  },
  {
    name: "detach",
    terms: "[options]",
    description: "bring a device that runs its application into DFU mode, where it offers that",
    load: async (console) => (await import("./detach.ts")).detachCommand(console),
  },
];

export function dfuCommand(console: Console, words: Words): Promise<Command> {
  return addCommands(new Command("dfu"), console, COMMANDS, words);
}
