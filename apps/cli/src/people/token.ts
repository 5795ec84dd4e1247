import { TokenScope } from "@flashline/contract";
import { Command, Option } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { showJson, showList } from "../list.ts";
import { Refusal } from "../refusal.ts";
import { TOKEN_COLUMNS } from "./text.ts";

type AddOptions = ServerOptions & {
  readonly scope: readonly TokenScope[];
  readonly days?: number;
  readonly reason?: string;
};

function addCommand(console: Console): Command {
  return withServerOptions(new Command("add").argument("<name>", "what the token is called"))
    .description("a new API token; its secret is shown this once")
    .addOption(
      new Option("--scope <scope...>", "what it may do")
        .choices(Object.values(TokenScope))
        .makeOptionMandatory(),
    )
    .option("--days <n>", "how long it is valid", wholeNumber(1, 3650))
    .option("--no-end", "valid until it is revoked")
    .option("--reason <text>", "what it is for, for the ledger")
    .addHelpText("after", examples("flashline token add mes --scope read orders:write --days 365"))
    .action(async (name: string, options: AddOptions & { readonly end: boolean }) => {
      const { scope, days, end, reason } = options;
      if ((days === undefined) === end)
        throw new Refusal("usage.argument", "For how long? Say --days N, or --no-end.");
      const body = defined({ name, scopes: [...scope], days: days ?? null, reason });
      const { body: token } = await apiClient(console, options)("addToken", { body });
      if (options.json) return showJson(console, "token", token);
      const until = token.expiresAt === null ? "until it is revoked" : `until ${token.expiresAt}`;
      console.terminal.write(
        `Token ${name}, valid ${until}. Its secret is shown this once:\n  ${token.secret}\n`,
      );
    });
}

type ListOptions = ServerOptions & {
  readonly all?: true;
  readonly limit?: number;
  readonly after?: string;
};

function listCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .description("valid API tokens with their last use, the latest first")
    .option("--all", "expired and revoked ones too")
    .option("--limit <n>", "how many", wholeNumber(1, 500))
    .option("--after <id>", "the token after which the list goes on")
    .addHelpText("after", examples("flashline token list"))
    .action(async (options: ListOptions) => {
      const { limit, after } = options;
      const query = defined({ limit, after, state: options.all ? ("all" as const) : undefined });
      const { body } = await apiClient(console, options)("tokens", { query });
      showList(console, options, "token", body, TOKEN_COLUMNS);
    });
}

function revokeCommand(console: Console): Command {
  return withServerOptions(
    new Command("revoke").argument("<token>", "its id, or a name: then all tokens of that name"),
  )
    .description("end the validity of a token")
    .requiredOption("--reason <text>", "why, for the ledger")
    .addHelpText("after", examples('flashline token revoke mes --reason "was in a log"'))
    .action(async (id: string, options: ServerOptions & { readonly reason: string }) => {
      const { reason } = options;
      const call = apiClient(console, options);
      const { body } = await call("revokeToken", { params: { id }, body: { reason } });
      showList(console, options, "token", body, TOKEN_COLUMNS);
    });
}

export const tokenCommand = (console: Console): Command =>
  new Command("token")
    .addCommand(addCommand(console))
    .addCommand(listCommand(console))
    .addCommand(revokeCommand(console));
