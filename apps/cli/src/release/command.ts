import { Command } from "commander";
import type { Console } from "../console.ts";
import { addCommands, type LazyCommand, type Words } from "../lazy-commands.ts";

const COMMANDS: readonly LazyCommand[] = [
  {
    name: "keygen",
    terms: "[options] [name]",
    description: "make a key pair for signing; minisign reads both files",
    load: async (console) => (await import("./keygen.ts")).keygenCommand(console),
  },
  {
    name: "sign",
    terms: "[options] [images...]",
    description: "write a manifest and sign it",
    load: async (console) => (await import("./sign.ts")).signCommand(console),
  },
  {
    name: "publish",
    terms: "[options] [manifest]",
    description: "upload images and a signed manifest; the server checks them",
    load: async (console) => (await import("./publish.ts")).publishCommand(console),
  },
  {
    name: "canary",
    terms: "[options] <release>",
    description: "draft → canary: named stations and a first number of units get it",
    load: async (console) => (await import("./canary.ts")).canaryCommand(console),
  },
  {
    name: "pause",
    terms: "[options] <release>",
    description: "canary → paused: the next units get its predecessor",
    load: async (console) => (await import("./canary.ts")).pauseCommand(console),
  },
  {
    name: "resume",
    terms: "[options] <release>",
    description: "paused → canary; also gives a canary other stations or more units",
    load: async (console) => (await import("./canary.ts")).resumeCommand(console),
  },
  {
    name: "promote",
    terms: "[options] <release>",
    description: "draft or canary → released, when the server's check passed",
    load: async (console) => (await import("./state.ts")).promoteCommand(console),
  },
  {
    name: "revoke",
    terms: "[options] <release>",
    description: "released → revoked: no unit is started with it any more",
    load: async (console) => (await import("./state.ts")).revokeCommand(console),
  },
  {
    name: "withdraw",
    terms: "[options] <release>",
    description: "take a draft back; its version and counter are free again",
    load: async (console) => (await import("./state.ts")).withdrawCommand(console),
  },
  {
    name: "show",
    terms: "[options] <release>",
    description: "one release: its state, canary, recipe",
    load: async (console) => (await import("./show.ts")).showCommand(console),
  },
  {
    name: "watch",
    terms: "[options] <release>",
    description: "tell what changes until it is released, paused or revoked",
    load: async (console) => (await import("./show.ts")).watchCommand(console),
  },
  {
    name: "compare",
    terms: "[options] <release> <other>",
    description: "two releases side by side",
    load: async (console) => (await import("./show.ts")).compareCommand(console),
  },
  {
    name: "list",
    terms: "[options]",
    description: "releases of the server",
    load: async (console) => (await import("./list.ts")).listCommand(console),
  },
];

const EXAMPLES = `
Examples, in the order of a CI job:
  flashline release keygen release
  flashline release sign firmware.bin --product U2C --chip STM32F072 --version 1.4.0 --counter 7 --key release.key
  flashline release publish manifest.json
  flashline release canary U2C@1.4.0 --station L3-01 --units 50 --reason "first units"
  flashline release watch U2C@1.4.0
  flashline release promote U2C@1.4.0 --move-orders
  flashline release revoke U2C@1.4.0 --reason "wrong bootloader offset"`;

export function releaseCommand(console: Console, words: Words): Promise<Command> {
  return addCommands(
    new Command("release").addHelpText("after", EXAMPLES),
    console,
    COMMANDS,
    words,
  );
}
