import { readFile } from "node:fs/promises";
import { RefusedError } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { reportBadRows } from "../bad-rows.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { showJson } from "../list.ts";
import { Refusal } from "../refusal.ts";
import { plural } from "../terminal/units.ts";
import { readSerialList } from "./serial-list.ts";

type ImportOptions = ServerOptions & { readonly product: string; readonly skipBad?: true };

export function importCommand(console: Console): Command {
  return withServerOptions(
    new Command("import").argument(
      "<file>",
      "CSV with the columns serial, boardRevision, batch, order",
    ),
  )
    .requiredOption("--product <name>", "what the units are")
    .option("--skip-bad", "take the other rows where some cannot be taken")
    .addHelpText(
      "after",
      examples(
        "flashline unit import lot-17.csv --product MC-2",
        "flashline unit import lot-17.csv --product MC-2 --skip-bad --json",
      ),
    )
    .action(async (file: string, options: ImportOptions) => {
      const rows = readSerialList(await readFile(file, "utf8"), file);
      if (rows.length === 0) throw new Refusal("usage.argument", `${file} has no serial in it.`);
      const { product, skipBad = false } = options;
      const call = apiClient(console, options);
      const { body } = await call("addSerialList", { body: { product, rows, skipBad } }).catch(
        (error: unknown) => {
          if (error instanceof RefusedError) reportBadRows(console, options, error.refusal.details);
          throw error;
        },
      );
      reportBadRows(console, options, body.bad);
      if (options.json) {
        const { bad: _, ...counts } = body;
        return showJson(console, "units", counts);
      }
      const left = body.leftOut === 0 ? "" : ` ${plural(body.leftOut, "row")} left out.`;
      console.terminal.write(`${body.added} added, ${body.known} known already.${left}\n`);
    });
}
