import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { showJson, showList } from "../list.ts";
import { Refusal } from "../refusal.ts";
import { endedText, SESSION_COLUMNS } from "./text.ts";

type ListOptions = ServerOptions & {
  readonly person?: string;
  readonly limit?: number;
  readonly after?: string;
};

function listCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .description("open sessions, the latest first")
    .option("--person <name>", "of this person only")
    .option("--limit <n>", "how many", wholeNumber(1, 500))
    .option("--after <id>", "the session after which the list goes on")
    .addHelpText("after", examples("flashline session list --person berta"))
    .action(async (options: ListOptions) => {
      const { person, limit, after } = options;
      const query = defined({ person, limit, after });
      const { body } = await apiClient(console, options)("sessions", { query });
      showList(console, options, "session", body, SESSION_COLUMNS);
    });
}

type EndOptions = ServerOptions & { readonly person?: string; readonly reason: string };

function endCommand(console: Console): Command {
  return withServerOptions(new Command("end").argument("[id]", "the session; or --person"))
    .description("end a session, or all of a person")
    .option("--person <name>", "all sessions of this person")
    .requiredOption("--reason <text>", "why, for the ledger")
    .addHelpText("after", examples('flashline session end --person berta --reason "lost laptop"'))
    .action(async (id: string | undefined, options: EndOptions) => {
      const { person, reason } = options;
      if ((id === undefined) === (person === undefined))
        throw new Refusal("usage.argument", "Name a session, or a person with --person.");
      const call = apiClient(console, options);
      const { body } =
        id === undefined
          ? await call("endPersonSessions", { params: { id: person ?? "" }, body: { reason } })
          : await call("endSession", { params: { id }, body: { reason } });
      if (options.json) return showJson(console, "ended", body);
      console.terminal.write(endedText(body) || "No session was open.\n");
    });
}

export const sessionCommand = (console: Console): Command =>
  new Command("session").addCommand(listCommand(console)).addCommand(endCommand(console));
