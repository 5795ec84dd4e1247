import { Command } from "commander";
import type { SourceArguments } from "../source.ts";
import { AGENT_VERSION } from "../version.ts";
import type { DoctorArguments } from "./doctor.ts";
import type { EnrollArguments } from "./enroll.ts";
import type { NestArguments } from "./nest.ts";

export type AgentCommand =
  | { readonly name: "enroll"; readonly given: EnrollArguments }
  | { readonly name: "run"; readonly given: SourceArguments }
  | { readonly name: "nest"; readonly given: NestArguments }
  | { readonly name: "resend" }
  | { readonly name: "doctor"; readonly given: DoctorArguments };

const AFTER = `
Environment: FLASHLINE_DATA, FLASHLINE_SERVER, FLASHLINE_HOST, FLASHLINE_PORT (8371),
             FLASHLINE_LOG_LEVEL (info), FLASHLINE_CACHE_MB (512), FLASHLINE_PRINTER, FLASHLINE_WAY (single),
             FLASHLINE_SCAN_KEPT_S (30), FLASHLINE_UPDATE_KEYS (a folder),
             FLASHLINE_CONFIG (a JSON file with the same names, for what the environment does not say)`;

const USBIP = [
  "--usbip <host:port>",
  "units of a USB/IP server instead of this PC's ports",
] as const;

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

function createProgram(choose: (command: AgentCommand) => void): Command {
  const program = new Command("flashline-agent")
    .description("Runs on a line PC: flashes the units in its nests for the server.")
    .version(AGENT_VERSION)
    .addHelpText("after", AFTER);
  program
    .command("enroll")
    .description("turn a one-time token into this station's own credential")
    .option("--server <url>", "where the server is")
    .requiredOption("--token <token>", "printed by the server for this station")
    .option("--key <file>", "public key whose releases may be flashed (repeatable)", collect, [])
    .option("--nest <name=portpath>", "a nest and its USB port (repeatable)", collect, [])
    .action(({ server, token, key, nest }: EnrollOptions) =>
      choose({ name: "enroll", given: { server, token, keys: key, nests: nest } }),
    );
  program
    .command("run")
    .description("run the station and its page")
    .option(...USBIP)
    .option("--clock-speed <n>", "how much faster than real time the virtual units run")
    .action(({ usbip, clockSpeed }: Partial<SourceArguments>) =>
      choose({ name: "run", given: { usbip, clockSpeed } }),
    );
  program
    .command("resend")
    .description("send results again that the server refused for good, also while the agent runs")
    .action(() => choose({ name: "resend" }));
  program
    .command("doctor")
    .description("say what is wrong with this PC")
    .option(...USBIP)
    .option("--json", "for programs", false)
    .option("--write-udev-rule", "first let this PC's users open the units (as root)", false)
    .action(({ usbip, json, writeUdevRule }: DoctorOptions) =>
      choose({ name: "doctor", given: { usbip, json, writesRule: writeUdevRule } }),
    );
  const nests = addNestCommands(program, (given) => choose({ name: "nest", given }));
  for (const command of [program, ...program.commands, ...nests]) {
    command
      .exitOverride()
      .allowExcessArguments(false)
      // Worded in main.ts.
      .configureOutput({ outputError: () => undefined });
  }
  return program;
}

/** Which ports this PC's nests are, for the shell; the station page has the same under Nests. */
function addNestCommands(program: Command, choose: (given: NestArguments) => void) {
  const nest = program
    .command("nest")
    .description("name this station's nests, also while the agent runs");
  nest
    .command("list")
    .description("the nests, and ports with a unit that no nest has")
    .option(...USBIP)
    .action(({ usbip }: UsbIpOption) => choose({ act: "list", usbip }));
  nest
    .command("add <name> [port]")
    .description("a nest for the unit that is plugged in now; without a port the only one there is")
    .option(...USBIP)
    .action((name: string, portPath: string | undefined, { usbip }: UsbIpOption) =>
      choose({ act: "add", nest: name, portPath, usbip }),
    );
  nest
    .command("rename <name> <to>")
    .description("call a nest otherwise; its results go along")
    .option(...USBIP)
    .action((name: string, to: string, { usbip }: UsbIpOption) =>
      choose({ act: "rename", nest: name, to, usbip }),
    );
  nest
    .command("remove <name>")
    .description("take a nest away; its results stay")
    .option(...USBIP)
    .action((name: string, { usbip }: UsbIpOption) => choose({ act: "remove", nest: name, usbip }));
  return nest.commands;
}

interface UsbIpOption {
  readonly usbip?: string;
}
interface DoctorOptions {
  readonly usbip?: string;
  readonly json: boolean;
  readonly writeUdevRule: boolean;
}
interface EnrollOptions {
  readonly server?: string;
  readonly token: string;
  readonly key: readonly string[];
  readonly nest: readonly string[];
}

/** Reads a command line without the program's name. @throws CommanderError; after help or version its exit code is 0 */
export function readCommand(args: readonly string[]): AgentCommand {
  const chosen: AgentCommand[] = [];
  const program = createProgram((command) => chosen.push(command));
  program.parse(args, { from: "user" });
  return chosen[0] ?? program.help({ error: true });
}
