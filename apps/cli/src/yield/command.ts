import { COMPARISONS, YIELD_DIMENSIONS, type YieldView } from "@flashline/contract";
import { Command, Option } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { download } from "../download.ts";
import { examples } from "../examples.ts";
import { showJson } from "../list.ts";
import { type Selection, withSelectionOptions } from "../selection-options.ts";
import { yieldText } from "./text.ts";

type YieldOptions = ServerOptions &
  Selection & {
    readonly by?: (typeof YIELD_DIMENSIONS)[number];
    readonly against?: (typeof COMPARISONS)[number];
    readonly phases?: boolean;
    readonly unitsCsv?: string;
    readonly attemptsCsv?: string;
  };

export function yieldCommand(console: Console): Command {
  return withSelectionOptions(withServerOptions(new Command("yield")))
    .addOption(new Option("--by <what>", "and of each of these").choices(YIELD_DIMENSIONS))
    .addOption(new Option("--against <time>", "and the difference to it").choices(COMPARISONS))
    .option("--phases", "with the times of each phase")
    .option("--units-csv <file>", "write the units of the cohort into this file, one a row")
    .option("--attempts-csv <file>", "write the attempts into this file, one a row")
    .addHelpText(
      "after",
      examples(
        "flashline yield --window last-shift --against before",
        "flashline yield --window last-7-days --product PSU-40 --by host",
        "flashline yield --day 2026-11-24 --shift night --station L3-07 --attempts-csv night.csv",
      ),
    )
    .action(async (options: YieldOptions) => {
      const { server: _, token: __, json, unitsCsv, attemptsCsv, phases, ...asked } = options;
      const query = defined({ ...asked, phases: phases === true ? ("true" as const) : undefined });
      const { body } = await apiClient(console, options)("yield", { query });
      if (json) showJson(console, "yield", body);
      else console.terminal.write(yieldText(body));
      const { by: ___, against: ____, ...selection } = asked;
      const files = [
        ["unitsList", "first", "--units-csv", unitsCsv],
        ["attemptsList", "counted", "--attempts-csv", attemptsCsv],
      ] as const;
      for (const [list, only, option, file] of files) {
        if (file === undefined) continue;
        const listed = { ...listedOf(selection, body), only };
        await download(console, options, list, { query: listed }, option, file);
        console.terminal.write(json ? `${JSON.stringify({ event: "list", file })}\n` : `${file}\n`);
      }
    });
}

/** The attempts that the figures are of, whatever time it is meanwhile. */
function listedOf(selection: Selection, { from, to, virtual }: YieldView) {
  const { window: _, day: __, shift: ___, ...rest } = selection;
  const isVirtual = virtual === undefined ? undefined : String(virtual);
  return defined({ ...rest, from, to, virtual: isVirtual }) as Record<string, string>;
}
