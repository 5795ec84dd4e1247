import { HOST_REPAIRS, type HostRepairEffect } from "@flashline/contract";
import { Command, Option } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { Refusal } from "../refusal.ts";
import { hostNamed } from "./find-host.ts";

interface Options extends ServerOptions {
  readonly what?: (typeof HOST_REPAIRS)[number];
  readonly reason?: string;
  readonly dryRun?: true;
}

function effectText({ name, rung, before, after, healed, quarantined }: HostRepairEffect): string {
  const was = before === null ? "" : ` (now R ${before.r.toPrecision(2)})`;
  return [
    `${name}: its evidence begins anew, with R ${after.r}${was}`,
    rung === null || rung === "OK"
      ? ""
      : `  it stays ${rung} until units confirm the repair: from D ${healed} on it is OK`,
    quarantined ? "  the quarantine stays: flashline host clear ends it" : "",
    "",
  ]
    .filter((line, at, all) => line !== "" || at === all.length - 1)
    .join("\n");
}

/** Records that something was repaired or swapped at a host. */
export function hostRepairCommand(console: Console): Command {
  return withServerOptions(new Command("repair").argument("<name>", "host, station or machine"))
    .description("record a repair or a swap at a host: its evidence begins anew")
    .addOption(new Option("--what <part>", "what was repaired or swapped").choices(HOST_REPAIRS))
    .option("--reason <text>", "what was done, for everybody to read")
    .option("--dry-run", "what it would do; nothing is recorded")
    .addHelpText("after", examples('flashline host repair L1-03 --what cable --reason "new cable"'))
    .action(async (name: string, options: Options) => {
      const call = apiClient(console, options);
      const { what, reason = "" } = options;
      const write = (event: string, effect: HostRepairEffect) =>
        console.terminal.write(
          options.json ? `${JSON.stringify({ event, ...effect })}\n` : effectText(effect),
        );
      if (options.dryRun) {
        const params = { id: (await hostNamed(call, name)).id };
        return write("preview", (await call("previewHostRepair", { params })).body);
      }
      if (what === undefined)
        throw new Refusal("usage.argument", `What was it? Say --what ${HOST_REPAIRS.join("|")}.`);
      if (reason.trim() === "")
        throw new Refusal("usage.argument", 'What was done? Say --reason "…".');
      const params = { id: (await hostNamed(call, name)).id };
      write("repair", (await call("repairHost", { params, body: { what, reason } })).body);
    });
}
