import { HOLD_KINDS, type HoldKind } from "@flashline/contract";
import { Command, Option } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { holdText } from "./text.ts";

interface Options extends ServerOptions {
  readonly kind?: HoldKind;
  readonly all?: true;
}

export function holdCommand(console: Console): Command {
  const list = withServerOptions(new Command("list"))
    .description("what stands still, since when, by whom and why")
    .addOption(new Option("--kind <kind>", "of this kind only").choices(HOLD_KINDS))
    .option("--all", "those that were lifted too")
    .addHelpText("after", examples("flashline hold list", "flashline hold list --kind host --all"))
    .action(async (options: Options) => {
      const call = apiClient(console, options);
      const state = options.all ? ("all" as const) : ("on" as const);
      const { body } = await call("holds", { query: defined({ state, kind: options.kind }) });
      for (const hold of body) {
        console.terminal.write(
          options.json ? `${JSON.stringify({ event: "hold", ...hold })}\n` : holdText(hold),
        );
      }
      if (body.length === 0 && !options.json) console.terminal.write("No holds.\n");
    });
  return new Command("hold").addCommand(list);
}
