import type { ContainmentView } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { download } from "../download.ts";
import { examples } from "../examples.ts";
import { showJson } from "../list.ts";
import { type Selection, withSelectionOptions } from "../selection-options.ts";
import { plural } from "../terminal/units.ts";

type AffectedOptions = ServerOptions & Selection & { readonly csv?: string };

export function affectedCommand(console: Console): Command {
  return withSelectionOptions(withServerOptions(new Command("affected")))
    .option("--csv <file>", "write the units into this file, one a row")
    .addHelpText(
      "after",
      examples(
        "flashline unit affected --host L3-07 --from 2026-11-24T22:00:00+01:00 --to 2026-11-25T06:00:00+01:00",
        "flashline unit affected --release 1.4.0 --csv affected.csv",
      ),
    )
    .action(async (options: AffectedOptions) => {
      const { server: _, token: __, json, csv, ...selection } = options;
      const query = defined<Selection>(selection);
      const { body } = await apiClient(console, options)("containment", { query });
      // Counted before the list is read: a list of many units takes a while.
      if (json) showJson(console, "affected", body);
      else console.terminal.write(affectedText(body));
      if (csv === undefined) return;
      await download(console, options, "containmentList", { query: { ...query } }, "--csv", csv);
      console.terminal.write(
        json ? `${JSON.stringify({ event: "list", file: csv })}\n` : `${csv}\n`,
      );
    });
}

function affectedText(view: ContainmentView): string {
  const { units, attempts, unreported, first, last, reflashed, held } = view;
  if (units === 0) return "No unit was touched.\n";
  const states = Object.entries(view.states).map(([state, n]) => `${n} ${state}`);
  return [
    `${plural(units, "unit")} in ${plural(attempts, "attempt")}, ${first} to ${last}`,
    `Now: ${states.join(", ")}`,
    `${reflashed} flashed again since with PASS, ${units - reflashed} not`,
    `${held} on hold`,
    ...(unreported === 0
      ? []
      : [`${plural(unreported, "attempt")} not reported: what these units hold is not known`]),
    "",
  ].join("\n");
}
