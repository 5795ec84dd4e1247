import { Command, Help } from "commander";
import type { Console } from "./console.ts";
import { addCommands, type LazyCommand, type Words } from "./lazy-commands.ts";
import { VERSION } from "./version.ts";

const COMMANDS: readonly LazyCommand[] = [
  {
    name: "dfu",
    terms: "",
    description: "units on this PC's ports: list, flash, read, verify, erase, option bytes",
    load: async (console, words) => (await import("./dfu/command.ts")).dfuCommand(console, words),
  },
  {
    name: "image",
    terms: "",
    description: "firmware files: look inside, convert, merge",
    load: async (console, words) =>
      (await import("./image/command.ts")).imageCommand(console, words),
  },
  {
    name: "release",
    terms: "",
    description: "sign, publish, promote and revoke releases",
    load: async (console, words) =>
      (await import("./release/command.ts")).releaseCommand(console, words),
  },
  {
    name: "agent-update",
    terms: "",
    description: "updates of the agents on line PCs: sign, publish, push, status",
    load: async (console, words) =>
      (await import("./agent-update/command.ts")).agentUpdateCommand(console, words),
  },
  {
    name: "channel",
    terms: "",
    description:
      "named lines of a product's releases, which orders follow: list, add, move, remove",
    load: async (console) => (await import("./release/channel.ts")).channelCommand(console),
  },
  {
    name: "exception",
    terms: "",
    description:
      "signed exceptions for service builds, from what is refused of a release: sign, add, list, show, withdraw",
    load: async (console) => (await import("./release/exception.ts")).exceptionCommand(console),
  },
  {
    name: "plant",
    terms: "",
    description: "plants: add, list, change, retire",
    load: async (console) => (await import("./plant/plant.ts")).plantCommand(console),
  },
  {
    name: "plan",
    terms: "",
    description: "what shifts of lines are to make: set, import, list, show how far they are",
    load: async (console) => (await import("./plan/command.ts")).planCommand(console),
  },
  {
    name: "line",
    terms: "",
    description: "lines of a plant: add, list, rename, retire, pause, resume",
    load: async (console) => (await import("./plant/line.ts")).lineCommand(console),
  },
  {
    name: "station",
    terms: "",
    description: "stations of a line: add, list, show, move, revoke, pause, resume",
    load: async (console) => (await import("./plant/station.ts")).stationCommand(console),
  },
  {
    name: "product",
    terms: "",
    description: "products: add, list, show, change, retire, chips, retest limit",
    load: async (console) => (await import("./plant/product.ts")).productCommand(console),
  },
  {
    name: "order",
    terms: "",
    description: "work orders: add, change while they run, close",
    load: async (console, words) =>
      (await import("./order/command.ts")).orderCommand(console, words),
  },
  {
    name: "unit",
    terms: "",
    description: "units as the server knows them",
    load: async (console, words) => (await import("./unit/command.ts")).unitCommand(console, words),
  },
  {
    name: "yield",
    terms: "[options]",
    description: "how many units passed, of how many, and how sure that is",
    load: async (console) => (await import("./yield/command.ts")).yieldCommand(console),
  },
  {
    name: "host",
    terms: "",
    description: "line PCs and their verdicts; quarantine and clear",
    load: async (console) => (await import("./show/host.ts")).hostCommand(console),
  },
  {
    name: "nest",
    terms: "",
    description: "nests: off and on",
    load: async (console) => (await import("./hold/stop.ts")).nounCommand(console, "nest"),
  },
  {
    name: "golden",
    terms: "",
    description: "golden units that check nests: add, rule, golden runs",
    load: async (console) => (await import("./golden/command.ts")).goldenCommand(console),
  },
  {
    name: "batch",
    terms: "",
    description: "batches of units: hold and release",
    load: async (console) => (await import("./hold/stop.ts")).nounCommand(console, "batch"),
  },
  {
    name: "hold",
    terms: "",
    description: "what stands still, and why",
    load: async (console) => (await import("./hold/command.ts")).holdCommand(console),
  },
  {
    name: "alarm",
    terms: "",
    description: "what needs a person: list, take, rules, e-mail",
    load: async (console) => (await import("./alarm/command.ts")).alarmCommand(console),
  },
  {
    name: "audit",
    terms: "",
    description: "what happened, who did it and why: list, check, follow",
    load: async (console) => (await import("./audit/command.ts")).auditCommand(console),
  },
  {
    name: "webhook",
    terms: "",
    description: "endpoints that get events: add, test, replay",
    load: async (console) => (await import("./webhook/command.ts")).webhookCommand(console),
  },
  {
    name: "range",
    terms: "",
    description: "numbers of which each unit of a product gets one: add, list",
    load: async (console) => (await import("./plant/range.ts")).rangeCommand(console),
  },
  {
    name: "person",
    terms: "",
    description: "who may do what: add, change, disable",
    load: async (console, words) =>
      (await import("./people/command.ts")).personCommand(console, words),
  },
  {
    name: "session",
    terms: "",
    description: "who is logged in at the pages: list, end",
    load: async (console) => (await import("./people/session.ts")).sessionCommand(console),
  },
  {
    name: "badge",
    terms: "",
    description: "by what people are known at stations: give, lost, keys",
    load: async (console) => (await import("./people/badge.ts")).badgeCommand(console),
  },
  {
    name: "token",
    terms: "",
    description: "credentials of programs: add, list, revoke",
    load: async (console) => (await import("./people/token.ts")).tokenCommand(console),
  },
  {
    name: "key",
    terms: "",
    description: "whose releases are accepted: list, add, retire, revoke",
    load: async (console) => (await import("./people/key.ts")).keyCommand(console),
  },
  {
    name: "role",
    terms: "",
    description: "what each role and scope may do",
    load: async (console) => (await import("./people/role.ts")).roleCommand(console),
  },
  {
    name: "sim",
    terms: "[options]",
    description: "virtual STM32 units that any DFU tool can flash, over USB/IP or usbredir",
    load: async (console) => (await import("./sim/command.ts")).simCommand(console),
  },
  {
    name: "completion",
    terms: "<shell>",
    description: "a script that lets your shell complete flashline's words",
    load: async (console) => {
      const { completionCommand } = await import("./completion/command.ts");
      return completionCommand(console, () => createProgram(console, "all"));
    },
  },
];

const EXAMPLES = `
Examples:
  flashline dfu list
  flashline dfu flash firmware.dfu --leave
  flashline image inspect firmware.dfu
  flashline release sign firmware.bin --product U2C --chip STM32F072 --version 1.4.0 --counter 7 --key release.key
  flashline sim --chip f407 --units 8 --usbip 3240

"flashline COMMAND --help" shows the options and more examples.`;

/** The program as far as the words ask for it, with nothing run yet. */
export async function createProgram(console: Console, words: Words): Promise<Command> {
  const program = new Command("flashline")
    .description(
      "Flashes STM32 units through the chip's own USB bootloader, and verifies every one.",
    )
    .version(VERSION)
    // Else "release sign --version 1.4.0" would be taken for the question which version this is.
    .enablePositionalOptions()
    .addHelpText("after", EXAMPLES);
  await addCommands(program, console, COMMANDS, words);
  applyToAll(program, (command) =>
    command
      .exitOverride()
      .configureHelp({ optionDescription })
      .configureOutput({
        writeOut: console.terminal.write,
        writeErr: console.terminal.writeError,
        // Errors are worded in one place, refusal-text.ts.
        outputError: () => undefined,
      }),
  );
  return program;
}

/** `help dfu flash` asks what `dfu flash --help` does; commander's own command `help` takes one name. */
const helpAsked = (words: readonly string[]): readonly string[] =>
  words[0] === "help" ? [...words.slice(1), "--help"] : words;

/** Asked for help on a command that it does not have, commander shows its own as if all were well. */
function checkKnown(program: Command, names: readonly string[]): void {
  let command = program;
  for (const name of names) {
    if (name.startsWith("-") || command.commands.length === 0) return;
    const next = command.commands.find((child) => child.name() === name);
    command =
      next ?? command.error(`unknown command '${name}'`, { code: "commander.unknownCommand" });
  }
}

/** Does what the words say. @throws CommanderError; after help or version its exit code is 0 */
export async function runProgram(console: Console, words: readonly string[]): Promise<void> {
  const asked = helpAsked(words);
  const program = await createProgram(console, asked);
  if (words[0] === "help") checkKnown(program, words.slice(1));
  await program.parseAsync(asked, { from: "user" });
}

/** An empty list says nothing as a default. */
const optionDescription: Help["optionDescription"] = (option) =>
  Help.prototype.optionDescription(option).replace(" (default: [])", "");

function applyToAll(command: Command, change: (command: Command) => void): void {
  change(command);
  for (const child of command.commands) applyToAll(child, change);
}
