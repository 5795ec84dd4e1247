import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { table } from "../terminal/units.ts";

const HEAD = ["PRODUCT", "VERSION", "COUNTER", "STATE", "CHECK", "PASSED", "FAILED", "ID"];

export function listCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .addHelpText("after", examples("flashline release list", "flashline release list --json"))
    .option("--product <name>", "of this product only")
    .action(async (options: ServerOptions & { readonly product?: string }) => {
      const call = apiClient(console, options);
      const { body } = await call("releases", { query: defined({ product: options.product }) });
      if (options.json) {
        for (const release of body)
          console.terminal.write(`${JSON.stringify({ event: "release", ...release })}\n`);
        return;
      }
      const rows = body.map((release) => [
        release.product,
        release.version,
        String(release.counter),
        release.state,
        release.check,
        String(release.passed),
        String(release.failed),
        release.id,
      ]);
      console.terminal.write(rows.length === 0 ? "No releases.\n" : table([HEAD, ...rows]));
    });
}
