import { Command, InvalidArgumentError } from "commander";
import { VERSION } from "../version.ts";
import type { AuditCommand } from "./audit.ts";

export type ServerCommand =
  | AuditCommand
  | { readonly name: "start" }
  | { readonly name: "migrate" }
  | { readonly name: "config"; readonly table: boolean }
  | {
      readonly name: "backup";
      readonly to: string;
      readonly withKey: boolean;
      readonly data: string | undefined;
    }
  | {
      readonly name: "restore";
      readonly from: string;
      readonly data: string | undefined;
      readonly replace: boolean;
      readonly skipNumbers: number;
    }
  | {
      readonly name: "blobs copy";
      readonly to: string;
      readonly from: string | undefined;
      readonly data: string | undefined;
    }
  | {
      readonly name: "drill";
      readonly from: string | undefined;
      readonly in: string | undefined;
      readonly data: string | undefined;
    }
  | {
      readonly name: "user add";
      readonly person: string;
      readonly role: string;
      readonly stdin: boolean;
    }
  | { readonly name: "user disable"; readonly person: string }
  | { readonly name: "user erase"; readonly person: string }
  | {
      readonly name: "token add";
      readonly token: string;
      readonly scopes: readonly string[];
      readonly days: number | null;
    }
  | { readonly name: "token revoke"; readonly token: string }
  | { readonly name: "key add"; readonly file: string; readonly title: string | undefined }
  | { readonly name: "key revoke"; readonly keyId: string }
  | { readonly name: "station revoke"; readonly station: string }
  | { readonly name: "verdict rebuild" }
  | { readonly name: "yield rebuild" };

const AFTER = `
Roles: operator-lead, engineer, firmware, admin.
Scopes: read, releases:publish, releases:promote, orders:write, stations:write, feed:read,
webhooks:write, people:write, keys:write.
Settings come from the environment and from the JSON file that FLASHLINE_CONFIG names: see docs/operations.md.`;

function daysOf(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days > 0 && days <= 3650) return days;
  throw new InvalidArgumentError("It takes a number from 1 to 3650.");
}

function numbersOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0 && count <= 1_000_000_000) return count;
  throw new InvalidArgumentError("It takes a number from 1 to 1000000000.");
}

const DATA = "--data <folder>";
const DATA_MEANING = "the server's data folder; FLASHLINE_DATA when not given";

/** Back-up, restore and the drill of both. */
function addBackups(program: Command, choose: (command: ServerCommand) => void): void {
  program
    .command("backup")
    .description("back up database, images and keys, also while the server runs")
    .requiredOption("--to <folder>", "a new folder; it appears when the back-up is whole")
    .option("--without-key", "leave out the key that opens units' secrets", false)
    .option(DATA, DATA_MEANING)
    .action(({ to, withoutKey, data }: { to: string; withoutKey: boolean; data?: string }) =>
      choose({ name: "backup", to, withKey: !withoutKey, data }),
    );
  program
    .command("restore")
    .description("make a server's data from a back-up, which is checked first")
    .requiredOption("--from <folder>", "a back-up")
    .option(DATA, `${DATA_MEANING}. It must be empty or new`)
    .option("--replace", "set a data folder that is not empty aside", false)
    .option("--skip-numbers <n>", "leave out so many numbers of each range", numbersOf)
    .action((options: { from: string; data?: string; replace: boolean; skipNumbers?: number }) =>
      choose({
        name: "restore",
        from: options.from,
        data: options.data,
        replace: options.replace,
        skipNumbers: options.skipNumbers ?? 0,
      }),
    );
  program
    .command("drill")
    .description("back up, restore on trial, compare, start, and remove it again")
    .option("--from <folder>", "a back-up; a new one is taken when not given")
    .option(
      "--in <folder>",
      "where there is room for it; the system's temporary folder when not given",
    )
    .option(DATA, DATA_MEANING)
    .action((options: { from?: string; in?: string; data?: string }) =>
      choose({ name: "drill", from: options.from, in: options.in, data: options.data }),
    );
}

/** Where images are. */
function addBlobs(program: Command, choose: (command: ServerCommand) => void): void {
  program
    .command("blobs")
    .description("where the server's images are kept")
    .command("copy")
    .description("copy every image to another store, and hold it against its digest there")
    .requiredOption("--to <place>", "s3://bucket/prefix, or a folder")
    .option("--from <place>", "the same; where the server has them when not given")
    .option(DATA, DATA_MEANING)
    .action(({ to, from, data }: { to: string; from?: string; data?: string }) =>
      choose({ name: "blobs copy", to, from, data }),
    );
}

/** Whether the ledger is as it was written. */
function addAudit(program: Command, choose: (command: ServerCommand) => void): void {
  const audit = program.command("audit").description("the ledger of what happened");
  audit
    .command("verify")
    .description(
      "work out every hash anew; exit code 1 when an event was changed, removed or moved",
    )
    .option("--head <file...>", "a head that was exported earlier", [])
    .action(({ head }: { head: string[] }) => choose({ name: "audit verify", heads: head }));
  audit
    .command("kinds")
    .description("print every kind of event that the ledger may hold")
    .action(() => choose({ name: "audit kinds" }));
  audit
    .command("head")
    .description("print where the chain stands, to be kept elsewhere")
    .option("--to <file>", "a new file; the standard output when not given")
    .action(({ to }: { to?: string }) => choose({ name: "audit head", to }));
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
    .option("--table", "print every setting with its default and meaning, in Markdown", false)
    .action(({ table }: { table: boolean }) => choose({ name: "config", table }));
  addBackups(program, choose);
  addBlobs(program, choose);
  addAudit(program, choose);
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
  user
    .command("erase <name>")
    .description("take a person's name out of everything; what they did stays, without it")
    .action((person: string) => choose({ name: "user erase", person }));
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
  program
    .command("verdict")
    .description("the verdict on hosts")
    .command("rebuild")
    .description("work it out anew from all results, also while the server runs")
    .action(() => choose({ name: "verdict rebuild" }));
  program
    .command("yield")
    .description("what attempts came to, counted ahead for yields")
    .command("rebuild")
    .description("count it anew from all attempts, also while the server runs")
    .action(() => choose({ name: "yield rebuild" }));
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
  // Commander's own command `help` takes one name: `help user add` would show the help of `user`.
  const words = args[0] === "help" ? [...args.slice(1), "--help"] : args;
  program.parse(words, { from: "user" });
  return chosen[0] ?? program.help({ error: true });
}
