import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { Refusal } from "../refusal.ts";

export function retestLimitCommand(console: Console): Command {
  return withServerOptions(
    new Command("retest-limit")
      .argument("<product>", "the product's name")
      .argument("<failures>", "so often a unit may fail, 1 to 100", wholeNumber(1, 100)),
  )
    .description("how often a unit may fail before a lead is asked")
    .requiredOption("--reason <text>", "why, for the ledger")
    .addHelpText("after", examples('flashline product retest-limit U2C 2 --reason "cheap boards"'))
    .action(async (name: string, failures: number, options: ServerOptions & { reason: string }) => {
      const call = apiClient(console, options);
      const { body: products } = await call("products", {});
      const product = products.find((one) => one.name === name);
      if (product === undefined)
        throw new Refusal("request.not_found", `There is no product ${name}.`, {
          exit: ExitCode.Fail,
          hint: "",
        });
      const { reason } = options;
      const { body } = await call("setRetestLimit", {
        params: { id: product.id },
        body: { limit: failures, reason },
      });
      console.terminal.write(
        options.json
          ? `${JSON.stringify({ event: "product", ...body })}\n`
          : `${body.name}: a unit may fail ${body.retestLimit} times, then a lead is asked.\n`,
      );
    });
}
