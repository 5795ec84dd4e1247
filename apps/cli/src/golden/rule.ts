import { GOLDEN_EVERY, GOLDEN_OVERDUE, type GoldenRule } from "@flashline/contract";
import { Command, Option } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { showJson } from "../list.ts";
import { givenReason } from "./reason.ts";

interface Options extends ServerOptions {
  readonly every?: GoldenRule["every"];
  readonly hours?: string;
  readonly overdue?: GoldenRule["overdue"];
  readonly reason?: string;
}

function ruleText(plant: string, { every, hours, overdue }: GoldenRule): string {
  if (every === "never") return `${plant}: nests are never due.\n`;
  const often = every === "shift" ? "once a shift" : `every ${hours} hours`;
  const then =
    overdue === "block"
      ? "Nothing else starts in a nest that is due."
      : "A due check is only shown.";
  return `${plant}: each nest ${often}. ${then}\n`;
}

/** Says, or asks for, how often the nests of a plant are checked. */
export const goldenRuleCommand = (console: Console): Command =>
  withServerOptions(new Command("rule").argument("<plant>", "the plant"))
    .description("how often nests are checked, and what an overdue check does")
    .addOption(new Option("--every <often>", "each nest").choices(GOLDEN_EVERY))
    .option("--hours <n>", "with --every hours")
    .addOption(
      new Option("--overdue <what>", "show it, or start nothing else").choices(GOLDEN_OVERDUE),
    )
    .option("--reason <text>", "why, for the ledger; needed for a change")
    .addHelpText(
      "after",
      examples(
        "flashline golden rule Graz",
        'flashline golden rule Graz --every shift --overdue block --reason "agreed with quality"',
      ),
    )
    .action(async (plant: string, options: Options) => {
      const call = apiClient(console, options);
      const { every, hours, overdue } = options;
      const params = { id: plant };
      const isQuestion = every === undefined && hours === undefined && overdue === undefined;
      const asked = { every, overdue, hours: hours === undefined ? undefined : Number(hours) };
      const { body } = isQuestion
        ? await call("goldenRule", { params })
        : await call("setGoldenRule", {
            params,
            body: { ...defined(asked), reason: givenReason(options.reason) },
          });
      if (options.json) showJson(console, "golden-rule", body);
      else console.terminal.write(ruleText(plant, body));
    });
