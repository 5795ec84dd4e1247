import { describeStationUpdate, type StationVersion } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { type Columns, showList } from "../list.ts";

const COLUMNS: Columns<StationVersion> = [
  ["STATION", ({ station }) => station],
  ["LINE", ({ plant, line }) => `${plant}/${line}`],
  ["RUNS", ({ version }) => version ?? "not known"],
  ["NEWER", ({ newest }) => newest ?? ""],
  [
    "UPDATE",
    ({ update, connected }) => (update === null ? "" : describeStationUpdate(update, connected)),
  ],
];

export function statusCommand(console: Console): Command {
  return withServerOptions(new Command("status"))
    .addHelpText("after", examples("flashline agent-update status"))
    .action(async (options: ServerOptions) => {
      const { body } = await apiClient(console, options)("stationVersions", {});
      showList(console, options, "station", body, COLUMNS);
    });
}
