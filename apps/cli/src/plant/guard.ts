import { describeSpared, type PlantGuard } from "@flashline/contract";
import { Argument, Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { showJson } from "../list.ts";
import { Refusal } from "../refusal.ts";

interface Options extends ServerOptions {
  readonly reason?: string;
}

function guardText({ plant, on, hosts, held, most, spared }: PlantGuard): string {
  const does = on ? "quarantines hosts by itself" : "only proposes quarantines";
  return [
    `${plant}: the server ${does}`,
    `  it holds ${held} of ${hosts} hosts, ${most} at most`,
    ...spared.map(({ name, why }) => `  ${name} was left alone: ${describeSpared(why)}`),
    "",
  ].join("\n");
}

/** Asks for, or says, whether the server quarantines hosts of a plant by itself. */
export const plantGuardCommand = (console: Console): Command =>
  withServerOptions(
    new Command("guard")
      .argument("<name>", "the plant")
      .addArgument(new Argument("[state]", "from now on").choices(["on", "off"])),
  )
    .description("whether the server quarantines hosts by itself, within its limits")
    .option("--reason <text>", "why, for the ledger; needed for a change")
    .addHelpText(
      "after",
      examples(
        "flashline plant guard Graz",
        'flashline plant guard Graz on --reason "nights without an engineer"',
      ),
    )
    .action(async (id: string, state: "on" | "off" | undefined, options: Options) => {
      const call = apiClient(console, options);
      const { reason = "" } = options;
      const show = (guard: PlantGuard) =>
        options.json ? showJson(console, "guard", guard) : console.terminal.write(guardText(guard));
      if (state === undefined) return show((await call("plantGuard", { params: { id } })).body);
      if (reason.trim() === "") throw new Refusal("usage.argument", 'Why? Say --reason "…".');
      const body = { on: state === "on", reason };
      show((await call("setPlantGuard", { params: { id }, body })).body);
    });
