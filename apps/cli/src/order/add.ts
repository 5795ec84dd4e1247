import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { collect, wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { showList } from "../list.ts";
import { Refusal } from "../refusal.ts";
import { ORDER_COLUMNS, showOrder } from "./text.ts";

/** The most units that an order may be for. */
export const quantity = wholeNumber(1, 1_000_000);

type AddOptions = ServerOptions & {
  readonly product: string;
  readonly release?: string;
  readonly channel?: string;
  readonly quantity: number;
  readonly station: readonly string[];
};

export function addCommand(console: Console): Command {
  return withServerOptions(new Command("add").argument("<number>", "the order's number"))
    .requiredOption("--product <name>", "what is made")
    .option("--release <version>", "a released release of the product")
    .option("--channel <name>", "instead: a channel of the product; each unit gets what is in it")
    .requiredOption("--quantity <n>", "how many units", quantity)
    .option("--station <name>", "a station that works on it; may be repeated", collect, [])
    .addHelpText(
      "after",
      examples(
        "flashline order add WO-20418 --product MC-2 --release 2.8.1 --quantity 600 --station L3-01 --station L3-02",
        "flashline order add WO-20419 --product MC-2 --channel stable --quantity 600 --station L3-01",
      ),
    )
    .action(async (number: string, options: AddOptions) => {
      const call = apiClient(console, options);
      const { product, release: version, channel, station } = options;
      if ((version === undefined) === (channel === undefined))
        throw new Refusal("usage.argument", "Which release? Say either --release or --channel.");
      const stations = [...station];
      await call("addWorkOrder", {
        body: {
          number,
          product,
          quantity: options.quantity,
          stations,
          ...defined({ version, channel }),
        },
      });
      showOrder(console, options, (await call("workOrder", { params: { id: number } })).body);
    });
}

export function listCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .option("--limit <n>", "so many of the latest (default: 50)", wholeNumber(1, 500))
    .option("--after <id>", "those before the order with this id")
    .addHelpText("after", examples("flashline order list", "flashline order list --json"))
    .action(
      async (options: ServerOptions & { readonly limit?: number; readonly after?: string }) => {
        const query = defined({ limit: options.limit ?? 50, after: options.after });
        const { body } = await apiClient(console, options)("workOrders", { query });
        showList(console, options, "order", body, ORDER_COLUMNS);
      },
    );
}

export function showCommand(console: Console): Command {
  return withServerOptions(new Command("show").argument("<number>", "the order's number or id"))
    .addHelpText("after", examples("flashline order show WO-20418"))
    .action(async (id: string, options: ServerOptions) => {
      const { body } = await apiClient(console, options)("workOrder", { params: { id } });
      showOrder(console, options, body);
    });
}
