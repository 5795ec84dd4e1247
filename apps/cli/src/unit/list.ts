import { UNIT_STATES, type UnitState } from "@flashline/contract";
import { Command, Option } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { showList } from "../list.ts";

type ListOptions = ServerOptions & {
  readonly search?: string;
  readonly state?: UnitState;
  readonly limit: number;
  readonly after?: string;
};

export function listCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .option("--search <text>", "of the serial")
    .addOption(new Option("--state <state>", "only those that are").choices(UNIT_STATES))
    .option("--limit <n>", "so many", wholeNumber(1, 200), 50)
    .option("--after <cursor>", "those after the row with this cursor, as --json has it")
    .addHelpText(
      "after",
      examples("flashline unit list --state failed", "flashline unit list --search MC2-0001"),
    )
    .action(async (options: ListOptions) => {
      const { search, state, limit, after } = options;
      const query = defined({ search, state, limit, after });
      const { body } = await apiClient(console, options)("units", { query });
      showList(console, options, "unit", body, [
        ["SERIAL", ({ serial }) => serial],
        ["PRODUCT", ({ product }) => product],
        ["STATE", (unit) => unit.state],
        ["ATTEMPTS", ({ attempts }) => String(attempts)],
        ["LAST", ({ last }) => last?.code ?? last?.outcome ?? "-"],
        ["AT", ({ lastAt }) => lastAt ?? "-"],
      ]);
    });
}
