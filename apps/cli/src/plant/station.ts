import type { StationView } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { resumeCommand, stopCommand } from "../hold/stop.ts";
import { showJson, showList } from "../list.ts";
import { Refusal } from "../refusal.ts";
import { table } from "../terminal/units.ts";
import { stationOperatorsCommand } from "./operators.ts";
import {
  moveStationCommand,
  revokeStationCommand,
  stationDoctorCommand,
} from "./station-change.ts";

type AddOptions = ServerOptions & { readonly line: string; readonly plant?: string };

function addCommand(console: Console): Command {
  return withServerOptions(new Command("add").argument("<name>", "what the station is called"))
    .description("add a station, or give it another token; the token enrolls one agent, once")
    .requiredOption("--line <name>", "the line that it is in")
    .option("--plant <name>", "the line's plant, where several have a line of this name")
    .addHelpText("after", examples("flashline station add L3-01 --line L3"))
    .action(async (name: string, options: AddOptions) => {
      const { line, plant } = options;
      const body = defined({ name, line, plant });
      const { body: token } = await apiClient(console, options)("addStation", { body });
      if (options.json) return showJson(console, "station", token);
      console.terminal.write(
        `Station ${name}. The token is shown this once and works once, until ${token.expiresAt}:\n` +
          `  ${token.token}\n` +
          "On its PC: flashline-agent enroll --server URL --token TOKEN --key release.pub --nest 1=PORT\n",
      );
    });
}

const stateOf = ({ enrolled, connected }: StationView): string =>
  enrolled ? (connected ? "connected" : "silent") : "not enrolled";

function listCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .description("stations as they are now")
    .addHelpText("after", examples("flashline station list", "flashline station list --json"))
    .action(async (options: ServerOptions) => {
      const { body } = await apiClient(console, options)("stations", {});
      showList(console, options, "station", body, [
        ["PLANT", ({ plant }) => plant],
        ["LINE", ({ line }) => line],
        ["STATION", ({ name }) => name],
        ["STATE", stateOf],
        ["ORDER", ({ workOrder }) => workOrder ?? "-"],
        ["PRODUCT", ({ product, version }) => (product === null ? "-" : `${product} ${version}`)],
        ["TODAY", ({ today }) => `${today.passed} passed, ${today.failed} failed`],
      ]);
    });
}

function showCommand(console: Console): Command {
  return withServerOptions(new Command("show").argument("<name>", "the station"))
    .description("one station with its nests and the orders that it holds")
    .addHelpText("after", examples("flashline station show L3-01"))
    .action(async (name: string, options: ServerOptions) => {
      const { body } = await apiClient(console, options)("stations", {});
      const station = body.find((one) => one.name === name || one.id === name);
      if (station === undefined)
        throw new Refusal("request.not_found", `There is no station ${name}.`, {
          exit: ExitCode.Fail,
          hint: "",
        });
      if (options.json) return showJson(console, "station", station);
      console.terminal.write(stationText(station));
    });
}

function stationText(station: StationView): string {
  const { name, line, plant, agentVersion, today, queuedResults, nests, workOrders } = station;
  const agent = agentVersion === null ? "" : `, agent ${agentVersion}`;
  const waiting = queuedResults === 0 ? "" : `, ${queuedResults} results wait at the station`;
  const orders = workOrders.map((order) => [
    `  ${order.number}`,
    `${order.product} ${order.version}`,
    `priority ${order.priority}`,
    `${order.unitsLeft} units left`,
  ]);
  const places = nests.map(({ name: nest, portPath, state, serial, code }) => [
    `  nest ${nest}`,
    portPath,
    state,
    serial ?? "",
    code ?? "",
  ]);
  return [
    `${name}  ${line}, ${plant}  ${stateOf(station)}${agent}${waiting}\n`,
    `  today ${today.passed} passed, ${today.failed} failed\n`,
    orders.length === 0 ? "  no work order\n" : table(orders),
    table(places),
  ].join("");
}

export const stationCommand = (console: Console): Command =>
  new Command("station")
    .addCommand(addCommand(console))
    .addCommand(listCommand(console))
    .addCommand(showCommand(console))
    .addCommand(moveStationCommand(console))
    .addCommand(revokeStationCommand(console))
    .addCommand(stationDoctorCommand(console))
    .addCommand(stationOperatorsCommand(console))
    .addCommand(stopCommand(console, "station"))
    .addCommand(resumeCommand(console, "station"));
