import { parseArgs } from "node:util";
import { FlashlineError } from "@flashline/contract";

export const USAGE = `flashline-server start                                          run the server
flashline-server migrate                                        bring the database to this version and stop
flashline-server user add NAME --role ROLE [--password-stdin]   add a person, or change role and password
flashline-server user disable NAME
flashline-server token add NAME --scope SCOPE… [--days N]       prints the token; it is shown this once
flashline-server token revoke NAME
flashline-server key add FILE.pub [--name NAME]                 trust a release key
flashline-server key revoke KEYID
flashline-server station revoke NAME                            its agent has to be enrolled again
flashline-server config                                         print the configuration and stop

Roles: operator-lead, engineer, firmware, admin.
Scopes: read, releases:publish, releases:promote, orders:write, stations:write.
Settings come from the environment and from the JSON file that FLASHLINE_CONFIG names: see docs/operations.md.`;

export type Command =
  | { readonly name: "start" }
  | { readonly name: "migrate" }
  | { readonly name: "config" }
  | { readonly name: "help" }
  | { readonly name: "version" }
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

const usage = (problem: string): FlashlineError =>
  new FlashlineError("request.invalid", `${problem}\n\n${USAGE}`);

function split(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        role: { type: "string" },
        "password-stdin": { type: "boolean", default: false },
        scope: { type: "string", multiple: true },
        days: { type: "string" },
        name: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
        version: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function daysOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const days = Number(text);
  if (Number.isInteger(days) && days > 0 && days <= 3650) return days;
  throw usage(`--days takes a number from 1 to 3650, not ${text}.`);
}

/** Reads a command line without the program's name. Throws `request.invalid` with the usage. */
export function readCommand(args: readonly string[]): Command {
  const { values, positionals } = split(args);
  if (values.version) return { name: "version" };
  const [noun = "", verb = "", object = "", ...rest] = positionals;
  if (values.help || noun === "" || noun === "help") return { name: "help" };
  if (noun === "start" || noun === "migrate" || noun === "config") {
    if (verb !== "") throw usage(`${noun} takes no argument.`);
    return { name: noun };
  }
  const command = `${noun} ${verb}`.trim();
  const needsObject = [
    "user add",
    "user disable",
    "token add",
    "token revoke",
    "key add",
    "key revoke",
    "station revoke",
  ].includes(command);
  if (!needsObject) throw usage(`There is no command ${command}.`);
  if (object === "" || rest.length > 0) throw usage(`${command} takes exactly one name.`);
  switch (command) {
    case "user add":
      if (values.role === undefined) throw usage("user add needs --role.");
      return {
        name: "user add",
        person: object,
        role: values.role,
        stdin: values["password-stdin"],
      };
    case "user disable":
      return { name: "user disable", person: object };
    case "token add":
      return {
        name: "token add",
        token: object,
        scopes: values.scope ?? [],
        days: daysOf(values.days),
      };
    case "token revoke":
      return { name: "token revoke", token: object };
    case "key add":
      return { name: "key add", file: object, title: values.name };
    case "key revoke":
      return { name: "key revoke", keyId: object };
    default:
      return { name: "station revoke", station: object };
  }
}
