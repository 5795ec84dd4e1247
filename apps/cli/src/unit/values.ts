import { readFile } from "node:fs/promises";
import { GiveValuesRequest } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { showJson } from "../list.ts";
import { Refusal } from "../refusal.ts";

type ValuesOptions = ServerOptions & { readonly product: string; readonly keepHours?: number };

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Refusal("usage.argument", `${file} is no JSON: ${reason}`, { cause });
  }
}

/** The values come from a file and not from the command line, where other users of the PC would see secrets. */
export function valuesCommand(console: Console): Command {
  return withServerOptions(
    new Command("values").argument(
      "<file>",
      'JSON: [{"serial", "values": {…}, "secrets": {…}}, …]',
    ),
  )
    .requiredOption("--product <name>", "whose units they are")
    .option("--keep-hours <n>", "how long secrets wait for their unit (168)", wholeNumber(1, 720))
    .addHelpText("after", examples("flashline unit values units.json --product MC-2"))
    .action(async (file: string, options: ValuesOptions) => {
      const units = parsed(await readFile(file, "utf8"), file);
      const { product, keepHours } = options;
      const body = GiveValuesRequest.parse({
        product,
        units,
        ...(keepHours === undefined ? {} : { keepHours }),
      });
      const answer = await apiClient(console, options)("giveValues", { body });
      if (options.json) return showJson(console, "values", answer.body);
      console.terminal.write(`Values of ${body.units.length} units of ${product} are stored.\n`);
    });
}
