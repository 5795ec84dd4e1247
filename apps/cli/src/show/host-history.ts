import { describeEntry, entryReason, type VerdictEntry } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { hostNamed } from "./find-host.ts";

function entryText(entry: VerdictEntry): string {
  const why = entryReason(entry);
  return `${entry.at}  ${describeEntry(entry)}, by ${entry.by}\n${why === "" ? "" : `  ${why}\n`}`;
}

/** What was decided about a host, the latest first. */
export function hostHistoryCommand(console: Console): Command {
  return withServerOptions(new Command("history").argument("<name>", "host, station or machine"))
    .description("what was decided about a host, by whom and why")
    .addHelpText("after", examples("flashline host history L1-03"))
    .action(async (name: string, options: ServerOptions) => {
      const call = apiClient(console, options);
      const { id } = await hostNamed(call, name);
      const { body } = await call("hostVerdicts", { params: { id } });
      if (body.history.length === 0 && options.json !== true)
        console.terminal.write("Nothing was decided about it yet.\n");
      for (const entry of body.history)
        console.terminal.write(
          options.json ? `${JSON.stringify({ event: "verdict", ...entry })}\n` : entryText(entry),
        );
    });
}
