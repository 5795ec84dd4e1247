import { Role } from "@flashline/contract";
import { Command, Option } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { showJson, showList } from "../list.ts";
import { firstLineOfInput } from "./input.ts";
import { PERSON_COLUMNS, personText } from "./text.ts";

type AddOptions = ServerOptions & {
  readonly role: Role;
  readonly plant?: string;
  readonly passwordStdin?: true;
  readonly reason?: string;
};

const roleOption = () =>
  new Option("--role <role>", "what the person may do").choices(Object.values(Role));

export function addCommand(console: Console): Command {
  return withServerOptions(new Command("add").argument("<name>", "what the person is called"))
    .addOption(roleOption().makeOptionMandatory())
    .option("--plant <name>", "the plant in whose stations their badge counts (default: all)")
    .option("--password-stdin", "read the password from the standard input")
    .option("--reason <text>", "why, for the ledger")
    .addHelpText(
      "after",
      examples(
        "flashline person add berta --role engineer --password-stdin",
        "flashline person add olaf --role operator --plant Graz",
      ),
    )
    .action(async (name: string, options: AddOptions) => {
      const { role, plant, reason } = options;
      const password = options.passwordStdin
        ? await firstLineOfInput("No password came on the standard input.")
        : undefined;
      const body = defined({ name, role, plant, reason, password });
      const { body: person } = await apiClient(console, options)("addPerson", { body });
      if (options.json) return showJson(console, "person", person);
      console.terminal.write(personText(person));
    });
}

type ListOptions = ServerOptions & {
  readonly role?: Role;
  readonly plant?: string;
  readonly search?: string;
  readonly all?: true;
  readonly limit?: number;
  readonly after?: string;
};

export function listCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .addOption(roleOption())
    .option("--plant <name>", "who works in this plant")
    .option("--search <text>", "a part of the name")
    .option("--all", "those that are disabled too")
    .option("--limit <n>", "how many", wholeNumber(1, 500))
    .option("--after <name>", "the name after which the list goes on")
    .addHelpText("after", examples("flashline person list --role admin"))
    .action(async (options: ListOptions) => {
      const { role, plant, search, limit, after } = options;
      const state = options.all ? ("all" as const) : undefined;
      const query = defined({ role, plant, search, limit, after, state });
      const { body } = await apiClient(console, options)("people", { query });
      showList(console, options, "person", body, PERSON_COLUMNS);
    });
}

export function showCommand(console: Console): Command {
  return withServerOptions(new Command("show").argument("<name>", "the person's name or id"))
    .addHelpText("after", examples("flashline person show berta"))
    .action(async (id: string, options: ServerOptions) => {
      const { body } = await apiClient(console, options)("person", { params: { id } });
      if (options.json) return showJson(console, "person", body);
      console.terminal.write(personText(body));
    });
}
