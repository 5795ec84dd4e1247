import { called } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { showJson, showList } from "../list.ts";
import { plantGrantsCommand } from "./grants.ts";
import { plantGuardCommand } from "./guard.ts";
import { plantOperatorsCommand } from "./operators.ts";
import { changePlantCommand, plantRetirementCommands } from "./place-change.ts";
import { type AskedShift, namedTimes, shiftsWith } from "./shift-options.ts";

type AddOptions = ServerOptions & {
  readonly timeZone: string;
  readonly shift: readonly AskedShift[];
  readonly break: readonly AskedShift[];
};

function addCommand(console: Console): Command {
  return withServerOptions(new Command("add").argument("<name>", "what the plant is called"))
    .description("add a plant; the same again is no error")
    .requiredOption("--time-zone <name>", "by which its days are told, like Europe/Vienna")
    .option(
      "--shift <name=from-to>",
      "a shift by the plant's clock; may be repeated",
      namedTimes,
      [],
    )
    .option("--break <shift=from-to>", "a break of a shift; may be repeated", namedTimes, [])
    .addHelpText(
      "after",
      examples("flashline plant add Graz --time-zone Europe/Vienna --shift early=06:00-14:00"),
    )
    .action(async (name: string, options: AddOptions) => {
      const { timeZone } = options;
      const body = { name, timeZone, shifts: shiftsWith(options.shift, options.break) };
      const answer = await apiClient(console, options)("addPlant", { body });
      if (options.json) return showJson(console, "plant", { ...body, ...answer.body });
      console.terminal.write(
        `${called("Plant", name)}. Next: flashline line add L1 --plant ${name}\n`,
      );
    });
}

function listCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .description("plants with their lines")
    .addHelpText("after", examples("flashline plant list"))
    .action(async (options: ServerOptions) => {
      const { body } = await apiClient(console, options)("plants", {});
      showList(console, options, "plant", body, [
        ["PLANT", ({ name }) => name],
        ["TIME ZONE", ({ timeZone }) => timeZone],
        [
          "SHIFTS",
          ({ shifts }) =>
            shifts.map(({ name, start, end }) => `${name} ${start}-${end}`).join(", "),
        ],
        ["STATIONS", ({ stations }) => String(stations)],
        ["LINES", ({ lines }) => lines.join(", ")],
      ]);
    });
}

export function plantCommand(console: Console): Command {
  const command = new Command("plant")
    .addCommand(addCommand(console))
    .addCommand(listCommand(console))
    .addCommand(changePlantCommand(console))
    .addCommand(plantOperatorsCommand(console))
    .addCommand(plantGuardCommand(console))
    .addCommand(plantGrantsCommand(console));
  for (const retirement of plantRetirementCommands(console)) command.addCommand(retirement);
  return command;
}
