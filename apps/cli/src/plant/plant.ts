import { Command, InvalidArgumentError } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { showJson, showList } from "../list.ts";
import { plantGrantsCommand } from "./grants.ts";
import { plantGuardCommand } from "./guard.ts";
import { plantOperatorsCommand } from "./operators.ts";

interface Shift {
  readonly name: string;
  readonly start: string;
  readonly end: string;
}

function shift(text: string, before: readonly Shift[]): readonly Shift[] {
  const match = /^(.+)=(\d\d:\d\d)-(\d\d:\d\d)$/.exec(text);
  const [, name, start, end] = match ?? [];
  if (name === undefined || start === undefined || end === undefined)
    throw new InvalidArgumentError("Expected NAME=FROM-TO, like early=06:00-14:00.");
  return [...before, { name, start, end }];
}

type AddOptions = ServerOptions & { readonly timeZone: string; readonly shift: readonly Shift[] };

function addCommand(console: Console): Command {
  return withServerOptions(new Command("add").argument("<name>", "what the plant is called"))
    .description("add a plant; the same again is no error")
    .requiredOption("--time-zone <name>", "by which its days are told, like Europe/Vienna")
    .option("--shift <name=from-to>", "a shift by the plant's clock; may be repeated", shift, [])
    .addHelpText(
      "after",
      examples("flashline plant add Graz --time-zone Europe/Vienna --shift early=06:00-14:00"),
    )
    .action(async (name: string, options: AddOptions) => {
      const { timeZone, shift: shifts } = options;
      const body = { name, timeZone, shifts: [...shifts] };
      const answer = await apiClient(console, options)("addPlant", { body });
      if (options.json) return showJson(console, "plant", { ...body, ...answer.body });
      console.terminal.write(`Plant ${name}. Next: flashline line add L1 --plant ${name}\n`);
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

export const plantCommand = (console: Console): Command =>
  new Command("plant")
    .addCommand(addCommand(console))
    .addCommand(listCommand(console))
    .addCommand(plantOperatorsCommand(console))
    .addCommand(plantGuardCommand(console))
    .addCommand(plantGrantsCommand(console));
