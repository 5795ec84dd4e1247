import {
  called,
  type GrantRules,
  LONGEST_GRANT_HOURS,
  MOST_GRANTED_UNITS,
  type PlantGrantsRequest,
} from "@flashline/contract";
import { Command } from "commander";
import type { z } from "zod";
import { type ApiClient, apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { showJson } from "../list.ts";
import { Refusal } from "../refusal.ts";

type Given = ServerOptions & {
  readonly hours?: number;
  readonly units?: number;
  readonly reason?: string;
};

async function ofPlant(call: ApiClient, name: string): Promise<GrantRules> {
  const { body } = await call("plants", {});
  const plant = body.find((one) => one.name === name || one.id === name);
  if (plant !== undefined) return plant.grants;
  const about = { exit: ExitCode.Fail, hint: "" };
  throw new Refusal("request.not_found", `There is no ${called("plant", name)}.`, about);
}

const text = ({ hours, units }: GrantRules): string =>
  hours === 0
    ? "  without the server no unit is started\n"
    : `  without the server a station starts at most ${units} units, for at most ${hours} h\n`;

/** Asks for, or says, what a plant's stations may flash while the server is away. */
export const plantGrantsCommand = (console: Console): Command =>
  withServerOptions(new Command("grants").argument("<name>", "the plant"))
    .description("what a plant's stations may flash without the server; with --reason: from now on")
    .option("--hours <n>", "for so long; 0 is not at all (8)", wholeNumber(0, LONGEST_GRANT_HOURS))
    .option("--units <n>", "at most so many at a station", wholeNumber(1, MOST_GRANTED_UNITS))
    .option("--reason <text>", "why, for the ledger; needed for a change")
    .addHelpText(
      "after",
      examples(
        "flashline plant grants Graz",
        'flashline plant grants Graz --hours 8 --units 50 --reason "night shift"',
      ),
    )
    .action(async (id: string, options: Given) => {
      const call = apiClient(console, options);
      const { hours, units, reason } = options;
      if (reason === undefined && (hours !== undefined || units !== undefined)) {
        throw new Refusal("request.invalid", "--reason is needed: why, for the ledger.", {
          exit: ExitCode.Usage,
          hint: "",
        });
      }
      let rules: GrantRules;
      if (reason === undefined) rules = await ofPlant(call, id);
      else {
        const body: z.input<typeof PlantGrantsRequest> = defined({ hours, units, reason });
        rules = (await call("setPlantGrants", { params: { id }, body })).body;
      }
      if (options.json) return showJson(console, "grants", rules);
      console.terminal.write(`${id}\n${text(rules)}`);
    });
