import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { showJson } from "../list.ts";
import { chainText } from "./text.ts";

/** Reads the whole ledger: the server goes on for about a second with each call. Exit code 1 where something is wrong. */
export function chainCommand(console: Console): Command {
  return withServerOptions(new Command("chain"))
    .description("work the ledger's hashes out anew, and say whether all is as it was written")
    .addHelpText("after", examples("flashline audit chain"))
    .action(async (options: ServerOptions) => {
      const call = apiClient(console, options);
      let { body: chain } = await call("auditChain", {});
      while (chain.reading !== null) ({ body: chain } = await call("auditChain", {}));
      if (options.json) showJson(console, "chain", chain);
      else console.terminal.write(chainText(chain));
      if (chain.problems.length > 0) process.exitCode = ExitCode.Fail;
    });
}
