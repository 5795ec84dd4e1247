import { readFile } from "node:fs/promises";
import type { ExceptionDetail, ExceptionView } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { type Columns, showJson, showList } from "../list.ts";
import { table } from "../terminal/units.ts";
import { signCommand } from "./exception-sign.ts";
import { readSignature } from "./publish.ts";

const COLUMNS: Columns<ExceptionView> = [
  ["ID", ({ id }) => id],
  ["PRODUCT", ({ product }) => product],
  ["RELEASE", ({ version }) => version],
  ["LIFTS", ({ lifts }) => lifts.join(", ")],
  ["USED", ({ used, units }) => `${used} of ${units}`],
  ["UNTIL", ({ until }) => until.slice(0, 16)],
  ["STATE", ({ state }) => state],
  ["BY", ({ addedBy }) => addedBy],
];
const WHICH = ["<id>", "the exception's id"] as const;

function listCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .description("exceptions, the latest first")
    .option("--product <name>", "of this product only")
    .addHelpText("after", examples("flashline exception list --product U2C"))
    .action(async (options: ServerOptions & { readonly product?: string }) => {
      const query = defined({ product: options.product });
      const { body } = await apiClient(console, options)("exceptions", { query });
      showList(console, options, "exception", body, COLUMNS);
    });
}

function addCommand(console: Console): Command {
  return withServerOptions(
    new Command("add").argument(
      "[file]",
      "signed exception; its .minisig lies beside it",
      "exception.json",
    ),
  )
    .description("give the server a signed exception; the same again is no error")
    .addHelpText("after", examples("flashline exception add exception.json"))
    .action(async (file: string, options: ServerOptions) => {
      const statement = (await readFile(file)).toString("base64");
      const signature = await readSignature(`${file}.minisig`);
      const { body } = await apiClient(console, options)("addException", {
        body: { statement, signature },
      });
      showList(console, options, "exception", [body], COLUMNS);
    });
}

function detailText(exception: ExceptionDetail): string {
  const { id, product, version, state, units, used, serials, plant, stations } = exception;
  const { withdrawnReason, withdrawnBy, withdrawnAt, usedBy } = exception;
  const at = [plant ?? "", stations.join(", ")].filter((part) => part !== "").join(": ");
  const rows: readonly (readonly [string, string])[] = [
    ["release", `${product} ${version}, manifest ${exception.manifestSha256}`],
    ["lifts", exception.lifts.join(", ")],
    ["units", serials.length === 0 ? `any ${units}` : serials.join(", ")],
    ["where", at === "" ? "anywhere" : at],
    ["holds", `${exception.from} to ${exception.until}`],
    ["reason", exception.reason],
    ["signed by", `key ${exception.keyId}`],
    ["added", `${exception.addedAt} by ${exception.addedBy}`],
    ["withdrawn", withdrawnAt && `${withdrawnAt} by ${withdrawnBy}: ${withdrawnReason}`],
  ].flatMap(([name, value]): (readonly [string, string])[] =>
    name && value ? [[name, value]] : [],
  );
  const users = usedBy.map(({ serial, at: when, attemptId }) => ["", serial, when, attemptId]);
  return `Exception ${id}: ${state}, used by ${used} of ${units}\n${table(rows.map(([name, value]) => [`  ${name}`, value]))}${users.length === 0 ? "" : table(users)}`;
}

function showCommand(console: Console): Command {
  return withServerOptions(new Command("show").argument(...WHICH))
    .description("one exception, with the units that were flashed under it")
    .addHelpText("after", examples("flashline exception show 4f3c…"))
    .action(async (id: string, options: ServerOptions) => {
      const { body } = await apiClient(console, options)("exception", { params: { id } });
      if (options.json) return showJson(console, "exception", body);
      console.terminal.write(detailText(body));
    });
}

function withdrawCommand(console: Console): Command {
  return withServerOptions(new Command("withdraw").argument(...WHICH))
    .description("no unit is started under it any more; it cannot be added again")
    .requiredOption("--reason <text>", "why, for everybody to read")
    .addHelpText("after", examples('flashline exception withdraw 4f3c… --reason "repaired"'))
    .action(async (id: string, options: ServerOptions & { readonly reason: string }) => {
      const { body } = await apiClient(console, options)("withdrawException", {
        params: { id },
        body: { reason: options.reason },
      });
      showList(console, options, "exception", [body], COLUMNS);
    });
}

export const exceptionCommand = (console: Console): Command =>
  new Command("exception")
    .addCommand(signCommand(console))
    .addCommand(addCommand(console))
    .addCommand(listCommand(console))
    .addCommand(showCommand(console))
    .addCommand(withdrawCommand(console));
