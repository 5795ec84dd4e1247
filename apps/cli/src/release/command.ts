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
    name: "promote",
    terms: "[options] <release>",
    description: "draft → released, when the server's check passed",
    load: async (console) => (await import("./state.ts")).promoteCommand(console),
  },
  {
    name: "revoke",
    terms: "[options] <release>",
    description: "released → revoked: no unit is started with it any more",
    load: async (console) => (await import("./state.ts")).revokeCommand(console),
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
  flashline release promote U2C@1.4.0
  flashline release revoke U2C@1.4.0 --reason "wrong bootloader offset"`;

export function releaseCommand(console: Console, words: Words): Promise<Command> {
  return addCommands(
    new Command("release").addHelpText("after", EXAMPLES),
    console,
    COMMANDS,
    words,
  );
}
