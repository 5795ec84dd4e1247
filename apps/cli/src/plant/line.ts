import { called } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { resumeCommand, stopCommand } from "../hold/stop.ts";
import { showJson, showList } from "../list.ts";
import { lineRetirementCommands, renameLineCommand } from "./place-change.ts";

function addCommand(console: Console): Command {
  return withServerOptions(new Command("add").argument("<name>", "what the line is called"))
    .description("add a line to a plant; the same again is no error")
    .requiredOption("--plant <name>", "the plant that it is in")
    .addHelpText("after", examples("flashline line add L3 --plant Graz"))
    .action(async (name: string, options: ServerOptions & { readonly plant: string }) => {
      const body = { name, plant: options.plant };
      const answer = await apiClient(console, options)("addLine", { body });
      if (options.json) return showJson(console, "line", { ...body, ...answer.body });
      console.terminal.write(
        `${called("Line", name)} of ${options.plant}. Next: flashline station add ${name}-01 --line ${name}\n`,
      );
    });
}

function listCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .description("lines of all plants")
    .addHelpText("after", examples("flashline line list"))
    .action(async (options: ServerOptions) => {
      const { body } = await apiClient(console, options)("lines", {});
      showList(console, options, "line", body, [
        ["PLANT", ({ plant }) => plant],
        ["LINE", ({ name }) => name],
        ["STATIONS", ({ stations }) => String(stations)],
      ]);
    });
}

export function lineCommand(console: Console): Command {
  const command = new Command("line")
    .addCommand(addCommand(console))
    .addCommand(listCommand(console))
    .addCommand(renameLineCommand(console))
    .addCommand(stopCommand(console, "line"))
    .addCommand(resumeCommand(console, "line"));
  for (const retirement of lineRetirementCommands(console)) command.addCommand(retirement);
  return command;
}
