import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { collect, wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { Refusal } from "../refusal.ts";
import { findRelease, WHICH } from "./find.ts";
import { showDryRun, showRelease } from "./state.ts";

const REASON = ["--reason <text>", "why, for everybody to read"] as const;
const UNITS = wholeNumber(1, 100_000);

interface StartOptions extends ServerOptions {
  readonly station: readonly string[];
  readonly units?: number;
  readonly predecessor?: string;
  readonly reason?: string;
  readonly dryRun?: true;
}

export function canaryCommand(console: Console): Command {
  return withServerOptions(new Command("canary").argument(...WHICH))
    .option("--station <name>", "a station that gets it; may be repeated", collect, [])
    .option("--units <n>", "so many units get it", UNITS)
    .option("--predecessor <version>", "what all others get (default: the release before it)")
    .option(...REASON)
    .option("--dry-run", "which orders, stations and units it would reach; nothing is changed")
    .addHelpText(
      "after",
      examples(
        'flashline release canary U2C@1.4.0 --station L3-01 --units 50 --reason "first units"',
      ),
    )
    .action(async (which: string, options: StartOptions) => {
      const { station, units, predecessor, reason, dryRun } = options;
      const stations = [...station];
      if (stations.length === 0)
        throw new Refusal("usage.argument", "At which stations? Say --station, once for each.");
      const call = apiClient(console, options);
      const { id } = await findRelease(call, which);
      if (dryRun) {
        const query = { stations: stations.join(","), ...defined({ units, predecessor }) };
        const { body } = await call("releaseDryRun", { params: { id }, query });
        return showDryRun(console, options, body);
      }
      if (units === undefined || reason === undefined)
        throw new Refusal("usage.argument", "A canary needs --units and --reason.");
      const request = { stations, units, reason, ...defined({ predecessor }) };
      showRelease(
        console,
        options,
        (await call("startCanary", { params: { id }, body: request })).body,
      );
    });
}

export function pauseCommand(console: Console): Command {
  return withServerOptions(new Command("pause").argument(...WHICH))
    .requiredOption(...REASON)
    .addHelpText(
      "after",
      examples('flashline release pause U2C@1.4.0 --reason "fan runs backwards"'),
    )
    .action(async (which: string, options: ServerOptions & { readonly reason: string }) => {
      const call = apiClient(console, options);
      const { id } = await findRelease(call, which);
      const { reason } = options;
      showRelease(
        console,
        options,
        (await call("pauseCanary", { params: { id }, body: { reason } })).body,
      );
    });
}

interface ResumeOptions extends ServerOptions {
  readonly station: readonly string[];
  readonly units?: number;
  readonly reason: string;
}

export function resumeCommand(console: Console): Command {
  return withServerOptions(new Command("resume").argument(...WHICH))
    .option("--station <name>", "other stations than before; may be repeated", collect, [])
    .option("--units <n>", "another number of units, never below those that have it", UNITS)
    .requiredOption(...REASON)
    .addHelpText(
      "after",
      examples(
        'flashline release resume U2C@1.4.0 --reason "it was the fixture"',
        'flashline release resume U2C@1.4.0 --units 200 --reason "more of them"',
      ),
    )
    .action(async (which: string, { station, units, reason, ...options }: ResumeOptions) => {
      const call = apiClient(console, options);
      const { id } = await findRelease(call, which);
      const stations = station.length === 0 ? undefined : [...station];
      const body = { reason, ...defined({ stations, units }) };
      showRelease(console, options, (await call("resumeCanary", { params: { id }, body })).body);
    });
}
