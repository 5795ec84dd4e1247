import {
  describePlan,
  describeStationUpdate,
  type PushPlan,
  type PushView,
  UPDATE_OBSTACLES,
} from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { collect } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { showJson } from "../list.ts";
import { Refusal } from "../refusal.ts";

interface Options extends ServerOptions {
  readonly line: readonly string[];
  readonly station: readonly string[];
  readonly plant?: string;
  readonly downgrade?: true;
  readonly reason?: string;
  readonly dryRun?: true;
}

const obstacleText = (key: string): string =>
  key in UPDATE_OBSTACLES ? UPDATE_OBSTACLES[key as keyof typeof UPDATE_OBSTACLES] : key;

function planText(plan: PushPlan): string {
  const rows = plan.stations.map(({ station, wave, obstacle, version }) => {
    const when = wave === 1 ? "first" : wave === null ? "not" : `turn ${wave}`;
    const why = obstacle === null ? `runs ${version}` : obstacleText(obstacle);
    return `  ${station.padEnd(16)} ${when.padEnd(8)} ${why}\n`;
  });
  return `${describePlan(plan)}\n${rows.join("")}`;
}

function pushText({ id, version, state, stateReason, stations }: PushView): string {
  const why = stateReason === null ? "" : `: ${stateReason}`;
  const rows = stations.map(
    ({ station, update, connected }) =>
      `  ${station.padEnd(16)} ${describeStationUpdate(update, connected)}\n`,
  );
  return `Push ${id} of ${version}: ${state}${why}\n${rows.join("")}`;
}

export function pushCommand(console: Console): Command {
  return withServerOptions(new Command("push").argument("<version>", "a published update"))
    .option("--line <name>", "all stations of a line; may be repeated", collect, [])
    .option("--station <name>", "one station; may be repeated", collect, [])
    .option("--plant <name>", "where several plants have a line of this name")
    .option("--downgrade", "go back to this version where a newer one runs")
    .option("--reason <text>", "why, for everybody to read")
    .option("--dry-run", "who would get it, and why not the others; nothing is pushed")
    .addHelpText(
      "after",
      examples(
        "flashline agent-update push 1.5.0 --line L3 --dry-run",
        'flashline agent-update push 1.5.0 --line L3 --reason "mends the label printer"',
        'flashline agent-update push 1.4.2 --station L3-07 --downgrade --reason "1.5.0 loses scans"',
      ),
    )
    .action(async (version: string, options: Options) => {
      const call = apiClient(console, options);
      const { line, station, plant, reason = "" } = options;
      const target = {
        version,
        ...defined({ plant }),
        ...(options.downgrade ? { downgrade: version } : {}),
      };
      if (options.dryRun) {
        const query = { ...target, lines: line.join(), stations: station.join() };
        const { body } = await call("previewPush", { query });
        if (options.json) showJson(console, "preview", body);
        else console.terminal.write(planText(body));
        return;
      }
      if (reason.trim() === "")
        throw new Refusal("usage.argument", 'Why? Say --reason "…": it is kept in the ledger.');
      const { body } = await call("pushUpdate", {
        body: { ...target, lines: [...line], stations: [...station], reason },
      });
      if (options.json) showJson(console, "push", body);
      else console.terminal.write(pushText(body));
    });
}

export function pushesCommand(console: Console): Command {
  return withServerOptions(new Command("pushes"))
    .addHelpText("after", examples("flashline agent-update pushes"))
    .action(async (options: ServerOptions) => {
      const { body } = await apiClient(console, options)("pushes", { query: { limit: 10 } });
      for (const push of body) {
        if (options.json) showJson(console, "push", push);
        else console.terminal.write(pushText(push));
      }
    });
}

const STATES = { pause: "pausePush", resume: "resumePush", end: "endPush" } as const;

export function stateCommand(console: Console, verb: keyof typeof STATES): Command {
  return withServerOptions(new Command(verb).argument("<push>", "the push's id"))
    .requiredOption("--reason <text>", "why, for everybody to read")
    .addHelpText(
      "after",
      examples(
        `flashline agent-update ${verb} 019f0000-0000-7000-8000-000000000001 --reason "shift change"`,
      ),
    )
    .action(async (id: string, options: ServerOptions & { readonly reason: string }) => {
      const { reason } = options;
      const call = apiClient(console, options);
      const { body } = await call(STATES[verb], { params: { id }, body: { reason } });
      if (options.json) showJson(console, "push", body);
      else console.terminal.write(pushText(body));
    });
}
