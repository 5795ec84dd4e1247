import type { RangeView } from "@flashline/contract";
import { Command, Option } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { type Columns, showList } from "../list.ts";

const COLUMNS: Columns<RangeView> = [
  ["PRODUCT", ({ product }) => product],
  ["RANGE", ({ name }) => name],
  ["KIND", ({ kind }) => kind],
  ["FIRST", ({ first }) => String(first)],
  ["LAST", ({ last }) => String(last)],
  ["LEFT", ({ left }) => String(left)],
];

const MOST = 999_999_999_999_999;

type AddOptions = ServerOptions & {
  readonly product: string;
  readonly kind: RangeView["kind"];
  readonly first: number;
  readonly last: number;
};

function addCommand(console: Console): Command {
  return withServerOptions(
    new Command("add").argument("<name>", "the name by which a release's fields take a number"),
  )
    .description("numbers of which each unit gets one; the same again is no error")
    .requiredOption("--product <name>", "the product")
    .addOption(new Option("--kind <kind>", "what they are").choices(["counter", "mac"]))
    .requiredOption("--first <n>", "the first number", wholeNumber(0, MOST))
    .requiredOption("--last <n>", "the last number", wholeNumber(0, MOST))
    .addHelpText(
      "after",
      examples("flashline range add number --product MC-2 --first 1 --last 100000"),
    )
    .action(async (name: string, options: AddOptions) => {
      const { product, first, last } = options;
      const kind = options.kind === "mac" ? ("mac" as const) : undefined;
      const body = defined({ product, name, kind, first, last });
      const answer = await apiClient(console, options)("addRange", { body });
      showList(console, options, "range", [answer.body], COLUMNS);
    });
}

function listCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .description("ranges of numbers, and what is left of them")
    .option("--product <name>", "of this product only")
    .addHelpText("after", examples("flashline range list --product MC-2"))
    .action(async (options: ServerOptions & { readonly product?: string }) => {
      const query = defined({ product: options.product });
      const { body } = await apiClient(console, options)("ranges", { query });
      showList(console, options, "range", body, COLUMNS);
    });
}

export const rangeCommand = (console: Console): Command =>
  new Command("range").addCommand(addCommand(console)).addCommand(listCommand(console));
