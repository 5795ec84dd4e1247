import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { showJson } from "../list.ts";

type AddOptions = ServerOptions & {
  readonly product: string;
  readonly boardRevision?: string;
  readonly batch?: string;
};

export function addCommand(console: Console): Command {
  return withServerOptions(new Command("add").argument("<serials...>", "serial numbers"))
    .requiredOption("--product <name>", "what they are")
    .option("--board-revision <name>", "the revision of their board")
    .option("--batch <name>", "the supplier's lot")
    .addHelpText("after", examples("flashline unit add MC2-000042 MC2-000043 --product MC-2"))
    .action(async (serials: string[], options: AddOptions) => {
      const { product, boardRevision, batch } = options;
      const body = defined({ serials, product, boardRevision, batch });
      const answer = await apiClient(console, options)("addUnits", { body });
      if (options.json) return showJson(console, "units", answer.body);
      const { added, known } = answer.body;
      console.terminal.write(`${added} added, ${known} known already.\n`);
    });
}
