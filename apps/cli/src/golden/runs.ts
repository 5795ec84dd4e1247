import {
  type GoldenFigures,
  type GoldenRunEffect,
  type GoldenRunView,
  TRIAL_PROFILES,
  type TrialProfile,
} from "@flashline/contract";
import { Command, Option } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { showJson } from "../list.ts";
import { Refusal } from "../refusal.ts";
import { hostNamed } from "../show/find-host.ts";
import { givenReason } from "./reason.ts";

interface RunOptions extends ServerOptions {
  readonly at: string;
  readonly times: string;
  readonly profile?: TrialProfile;
  readonly setting?: string;
  readonly reason?: string;
  readonly dryRun?: true;
}
interface StopOptions extends ServerOptions {
  readonly reason?: string;
}

const share = (value: number): string => `${(value * 100).toFixed(1)} %`;

function figuresText({ failed, incidents }: GoldenFigures): string {
  if (failed.n === 0) return "no result yet";
  return `${failed.count} of ${failed.n} failed, ${incidents.count} link incidents (${share(incidents.low)} to ${share(incidents.high)}, 95 %)`;
}

function effectText(effect: GoldenRunEffect): string {
  const { serial, station, nest, times, worn, wornAfter, cycles, possible, seconds, waits } =
    effect;
  return [
    `${times} checks with ${serial} at ${station}/${nest}; nothing else is flashed there meanwhile`,
    `  a sector has ${worn} of ${cycles} erase cycles, and ${wornAfter} afterwards; ${possible} checks are possible`,
    seconds === null
      ? "  how long it takes is not known yet"
      : `  about ${Math.ceil(seconds / 60)} min`,
    ...(waits === null ? [] : ["  a golden run waits there already"]),
    "",
  ].join("\n");
}

const runText = (run: GoldenRunView): string =>
  `${run.id}  ${run.state}  ${run.station}/${run.nest} with ${run.serial}, ${run.made} of ${run.times}${run.setting === null ? "" : `, ${run.setting}`}: ${figuresText(run.figures)}\n`;

/** Plans, shows and ends golden runs. */
export function goldenRunCommands(console: Console): readonly Command[] {
  const run = withServerOptions(new Command("run").argument("<serial>", "the golden unit"))
    .description("plan a golden run: a check that is repeated at one nest")
    .requiredOption("--at <station/nest>", "where")
    .option("--times <n>", "how many checks", "60")
    .addOption(new Option("--profile <name>", "start each with it").choices(TRIAL_PROFILES))
    .option("--setting <text>", "what is different from before")
    .option("--reason <text>", "why, for the ledger")
    .option("--dry-run", "what it would do; nothing is planned")
    .addHelpText(
      "after",
      examples(
        "flashline golden run GOLD-1 --at L3-07/2 --times 60 --dry-run",
        'flashline golden run GOLD-1 --at L3-07/2 --times 60 --setting "behind a hub" --reason "does a hub help?"',
      ),
    )
    .action(async (serial: string, options: RunOptions) => {
      const call = apiClient(console, options);
      const [, station = "", nest = ""] = /^(.+)\/([^/]+)$/.exec(options.at) ?? [];
      if (nest === "") throw new Refusal("usage.argument", "Where? Say --at STATION/NEST.");
      const times = Number(options.times);
      const { profile, setting } = options;
      if (options.dryRun) {
        const query = defined({ serial, station, nest, times, profile });
        const { body } = await call("previewGoldenRun", { query });
        if (options.json) return showJson(console, "preview", body);
        return console.terminal.write(effectText(body));
      }
      const reason = givenReason(options.reason);
      const asked = defined({ serial, station, nest, times, profile, setting, reason });
      const { body } = await call("planGoldenRun", { body: asked });
      if (options.json) return showJson(console, "golden-run", body);
      console.terminal.write(
        `Planned: ${body.id}. Plug ${body.serial} into ${body.station}/${body.nest}, scan it and press START.\n`,
      );
    });

  const runs = withServerOptions(new Command("runs").argument("<host>", "host, station or machine"))
    .description("what golden units showed of a host")
    .addHelpText("after", examples("flashline golden runs L3-07"))
    .action(async (name: string, options: ServerOptions) => {
      const call = apiClient(console, options);
      const params = { id: (await hostNamed(call, name)).id };
      const { body } = await call("hostGolden", { params });
      if (options.json) return showJson(console, "golden-host", body);
      for (const one of body.runs) console.terminal.write(runText(one));
      console.terminal.write(`single checks here: ${figuresText(body.single)}\n`);
      console.terminal.write(`the same units at other hosts: ${figuresText(body.elsewhere)}\n`);
    });

  const stop = withServerOptions(new Command("stop").argument("<id>", "the golden run"))
    .description("end a golden run; the check that runs now comes to its end")
    .option("--reason <text>", "why, for the ledger")
    .addHelpText(
      "after",
      examples(
        'flashline golden stop 01a229e7-dfcb-7421-869a-aa007602c25c --reason "line needs the nest"',
      ),
    )
    .action(async (id: string, options: StopOptions) => {
      const call = apiClient(console, options);
      const body = { reason: givenReason(options.reason) };
      const { body: ended } = await call("stopGoldenRun", { params: { id }, body });
      if (options.json) showJson(console, "golden-run", ended);
      else console.terminal.write(runText(ended));
    });
  return [run, runs, stop];
}
