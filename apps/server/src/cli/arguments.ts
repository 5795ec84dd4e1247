import { Command, InvalidArgumentError } from "commander";
import { VERSION } from "../version.ts";

export type ServerCommand =
  | { readonly name: "start" }
  | { readonly name: "migrate" }
  | { readonly name: "config" }
  | {
      readonly name: "user add";
      readonly person: string;
      readonly role: string;
      readonly stdin: boolean;
    }
  | { readonly name: "user disable"; readonly person: string }
  | {
      readonly name: "token add";
      readonly token: string;
      readonly scopes: readonly string[];
      readonly days: number | null;
    }
  | { readonly name: "token revoke"; readonly token: string }
  | { readonly name: "key add"; readonly file: string; readonly title: string | undefined }
  | { readonly name: "key revoke"; readonly keyId: string }
  | { readonly name: "station revoke"; readonly station: string };

const AFTER = `
Roles: operator-lead, engineer, firmware, admin.
Scopes: read, releases:publish, releases:promote, orders:write, stations:write.
Settings come from the environment and from the JSON file that FLASHLINE_CONFIG names: see docs/operations.md.`;

function daysOf(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days > 0 && days <= 3650) return days;
  throw new InvalidArgumentError("It takes a number from 1 to 3650.");
}

/** The whole command line. What is asked for goes to `choose`; nothing is done here, so that `--help` loads nothing. */
function createProgram(choose: (command: ServerCommand) => void): Command {
  const program = new Command("flashline-server")
    .description("Flashline's server: jobs, releases, results, and the dashboard.")
    .version(VERSION)
    .addHelpText("after", AFTER);
  program
    .command("start")
    .description("run the server")
    .action(() => choose({ name: "start" }));
  program
    .command("migrate")
    .description("bring the database to this version and stop")
    .action(() => choose({ name: "migrate" }));
  program
    .command("config")
    .description("print the configuration and stop")
    .action(() => choose({ name: "config" }));
  const user = program.command("user").description("who may log in at the dashboard");
  user
    .command("add <name>")
    .description("add a person, or change role and password")
    .requiredOption("--role <role>", "what the person may do")
    .option("--password-stdin", "read the password from standard input", false)
    .action((person: string, { role, passwordStdin }: { role: string; passwordStdin: boolean }) =>
      choose({ name: "user add", person, role, stdin: passwordStdin }),
    );
  user
    .command("disable <name>")
    .description("end a person's sessions and log-in")
    .action((person: string) => choose({ name: "user disable", person }));
  const token = program.command("token").description("credentials of programs");
  token
    .command("add <name>")
    .description("print a new token; it is shown this once")
    .option("--scope <scope...>", "what the token may do", [])
    .option("--days <n>", "how long it is valid; for ever when not given", daysOf)
    .action((name: string, { scope, days }: { scope: string[]; days?: number }) =>
      choose({ name: "token add", token: name, scopes: scope, days: days ?? null }),
    );
  token
    .command("revoke <name>")
    .description("end the validity of a token")
    .action((name: string) => choose({ name: "token revoke", token: name }));
  const key = program.command("key").description("whose releases are accepted");
  key
    .command("add <file>")
    .description("trust a release key, a minisign public key")
    .option("--name <name>", "what the key is called; the file's name when not given")
    .action((file: string, { name }: { name?: string }) =>
      choose({ name: "key add", file, title: name }),
    );
  key
    .command("revoke <keyid>")
    .description("accept no more releases signed with a key")
    .action((keyId: string) => choose({ name: "key revoke", keyId }));
  program
    .command("station")
    .description("credentials of stations")
    .command("revoke <name>")
    .description("make a station's agent enroll again")
    .action((station: string) => choose({ name: "station revoke", station }));
  applyToAll(program, (command) =>
    command
      .exitOverride()
      .allowExcessArguments(false)
      // The caller words the message.
      .configureOutput({ outputError: () => undefined }),
  );
  return program;
}

function applyToAll(command: Command, change: (command: Command) => void): void {
  change(command);
  for (const child of command.commands) applyToAll(child, change);
}

/** Reads a command line without the program's name. @throws CommanderError; after help or version its exit code is 0 */
export function readCommand(args: readonly string[]): ServerCommand {
  const chosen: ServerCommand[] = [];
  const program = createProgram((command) => chosen.push(command));
  program.parse(args, { from: "user" });
  return chosen[0] ?? program.help({ error: true });
}
