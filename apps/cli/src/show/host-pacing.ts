import {
  describeTrial,
  type HostProfileEffect,
  TRIAL_PROFILES,
  type TrialView,
} from "@flashline/contract";
import { Argument, Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { showJson } from "../list.ts";
import { Refusal } from "../refusal.ts";
import { hostNamed } from "./find-host.ts";

interface Options extends ServerOptions {
  readonly reason?: string;
  readonly dryRun?: true;
}

const startsWith = (profile: string | null): string =>
  profile === null ? "what releases and trials say" : `profile ${profile}`;

function effectText({ name, before, after, extra }: HostProfileEffect): string {
  const longer =
    after === "gentle" && extra !== null
      ? `  gentle took ${extra.toFixed(1)} s longer a unit where it was tried\n`
      : "";
  return `${name}: units start with ${startsWith(after)} (was: ${startsWith(before)})\n${longer}`;
}

/** Shows what is tried at a host. */
export function hostPacingCommand(console: Console): Command {
  return withServerOptions(new Command("pacing").argument("<name>", "host, station or machine"))
    .description("with which profile a host starts, and what is tried there")
    .addHelpText("after", examples("flashline host pacing L1-03"))
    .action(async (name: string, options: ServerOptions) => {
      const call = apiClient(console, options);
      const { id, name: host } = await hostNamed(call, name);
      const { body } = await call("hostPacing", { params: { id } });
      if (options.json)
        return console.terminal.write(`${JSON.stringify({ event: "pacing", ...body })}\n`);
      const trials = body.trials.map(
        (trial) => `  ${trialText(trial)}    ${describeTrial(trial)}\n`,
      );
      const none = trials.length === 0 ? "  nothing was tried there\n" : "";
      console.terminal.write(
        `${host}: units start with ${startsWith(body.profile)}\n${trials.join("")}${none}`,
      );
    });
}

/** At which kind of host something is tried, and the trial's id. */
function trialText({ id, controllerName, hub, family }: TrialView): string {
  const behind = hub === "" ? "" : ` behind ${hub}`;
  return `${controllerName}${behind}, ${family}  (trial ${id})\n`;
}

/** Shows what is tried with gentler pacing, wherever it is. */
export function hostTrialsCommand(console: Console): Command {
  return withServerOptions(new Command("trials"))
    .description("trials of gentler pacing at every kind of host, the latest first")
    .addHelpText("after", examples("flashline host trials"))
    .action(async (options: ServerOptions) => {
      const { body } = await apiClient(console, options)("pacingTrials", {});
      for (const trial of body) {
        if (options.json) showJson(console, "trial", trial);
        else {
          const kind = `${trial.plant}${trial.virtual ? " (virtual)" : ""}, since ${trial.begunAt}`;
          console.terminal.write(`${trialText(trial)}  ${kind}\n  ${describeTrial(trial)}\n`);
        }
      }
      if (body.length === 0 && !options.json) console.terminal.write("None.\n");
    });
}

/** Says with which profile a host starts. */
export function hostProfileCommand(console: Console): Command {
  return withServerOptions(
    new Command("profile")
      .argument("<name>", "host, station or machine")
      .addArgument(
        new Argument("<profile>", "auto leaves it to releases and trials").choices([
          ...TRIAL_PROFILES,
          "auto",
        ]),
      ),
  )
    .description("say with which profile a host starts")
    .option("--reason <text>", "why, for everybody to read")
    .option("--dry-run", "what it would do; nothing is changed")
    .addHelpText(
      "after",
      examples('flashline host profile L1-03 gentle --reason "until the hub is here"'),
    )
    .action(async (name: string, word: string, options: Options) => {
      const call = apiClient(console, options);
      const profile = TRIAL_PROFILES.find((known) => known === word) ?? null;
      const { reason = "" } = options;
      const write = (event: string, effect: HostProfileEffect) =>
        console.terminal.write(
          options.json ? `${JSON.stringify({ event, ...effect })}\n` : effectText(effect),
        );
      if (!options.dryRun && reason.trim() === "")
        throw new Refusal("usage.argument", 'Why? Say --reason "…".');
      const params = { id: (await hostNamed(call, name)).id };
      if (options.dryRun) {
        const query = { profile: profile ?? ("none" as const) };
        return write("preview", (await call("previewHostProfile", { params, query })).body);
      }
      write("profile", (await call("setHostProfile", { params, body: { profile, reason } })).body);
    });
}

/** Tries gentler pacing again. */
export function hostRetryCommand(console: Console): Command {
  return withServerOptions(
    new Command("retry-pacing").argument("<trial>", "its id, as host pacing shows it"),
  )
    .description("try gentler pacing again, from nothing")
    .option("--reason <text>", "why, for everybody to read")
    .addHelpText(
      "after",
      examples('flashline host retry-pacing 0192f3c1-… --reason "new cables on all of them"'),
    )
    .action(async (id: string, options: Options) => {
      const { reason = "" } = options;
      if (reason.trim() === "") throw new Refusal("usage.argument", 'Why? Say --reason "…".');
      const call = apiClient(console, options);
      const { body } = await call("restartPacingTrial", { params: { id }, body: { reason } });
      console.terminal.write(
        options.json
          ? `${JSON.stringify({ event: "trial", ...body })}\n`
          : `${describeTrial(body)}\n`,
      );
    });
}
