import { adviceTexts, evidenceText, type HostView } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { resumeCommand, stopCommand } from "../hold/stop.ts";
import { holdText } from "../hold/text.ts";
import { showList } from "../list.ts";
import { Refusal } from "../refusal.ts";
import { hostHistoryCommand } from "./host-history.ts";
import {
  hostPacingCommand,
  hostProfileCommand,
  hostRetryCommand,
  hostTrialsCommand,
} from "./host-pacing.ts";
import { hostRepairCommand } from "./host-repair.ts";

export function hostCommand(console: Console): Command {
  const show = withServerOptions(
    new Command("show").argument("[name]", "host, station or machine (default: all)"),
  )
    .description("hosts with their verdict and its evidence")
    .addHelpText("after", examples("flashline host show", "flashline host show L1-01 --json"))
    .action(async (name: string | undefined, options: ServerOptions) => {
      const call = apiClient(console, options);
      const { body } = await call("hosts", {});
      const hosts = body.hosts.filter(
        (host) =>
          name === undefined || [host.name, host.station, host.machine, host.id].includes(name),
      );
      if (hosts.length === 0 && name !== undefined)
        throw new Refusal("request.not_found", `No host ${name} is known.`, {
          exit: ExitCode.Fail,
          hint: "",
        });
      for (const host of hosts)
        console.terminal.write(
          options.json ? `${JSON.stringify({ event: "host", ...host })}\n` : hostText(host),
        );
    });
  const list = withServerOptions(new Command("list"))
    .description("hosts with their verdict, one a line")
    .addHelpText("after", examples("flashline host list"))
    .action(async (options: ServerOptions) => {
      const { body } = await apiClient(console, options)("hosts", {});
      showList(console, options, "host", body.hosts, [
        ["HOST", (host) => host.name],
        ["VERDICT", ({ verdict }) => verdict],
        ["CONTROLLER", ({ controllerName, controller }) => `${controllerName} ${controller}`],
        ["UNITS", ({ units }) => String(units)],
        ["ATTEMPTS", ({ attempts }) => String(attempts)],
        ["LINK INCIDENTS", ({ linkIncidents: { count, n } }) => `${count} of ${n} units`],
      ]);
    });
  return new Command("host")
    .addCommand(list)
    .addCommand(show)
    .addCommand(hostHistoryCommand(console))
    .addCommand(hostRepairCommand(console))
    .addCommand(hostPacingCommand(console))
    .addCommand(hostTrialsCommand(console))
    .addCommand(hostProfileCommand(console))
    .addCommand(hostRetryCommand(console))
    .addCommand(stopCommand(console, "host"))
    .addCommand(resumeCommand(console, "host"));
}

const proposed = ({ rung, hold }: HostView): string =>
  rung === "QUARANTINE" && hold === undefined ? "; a quarantine is proposed" : "";

function hostText(host: HostView): string {
  const behind = host.hubs.length === 0 ? "" : ` behind ${host.hubs.join(", ")}`;
  return [
    `${host.name}  ${host.verdict}${host.virtual ? "  (virtual)" : ""}`,
    `  ${host.controllerName} ${host.controller}, ${host.driver}${behind}`,
    `  ${evidenceText(host)}`,
    ...(host.r === null
      ? []
      : [`  R ${host.r.toPrecision(2)}, evidence of a fault${proposed(host)}`]),
    ...(host.hold === undefined ? [] : [`  ${holdText(host.hold).trimEnd()}`]),
    ...adviceTexts(host).map((line) => `  → ${line}`),
    "",
  ].join("\n");
}
