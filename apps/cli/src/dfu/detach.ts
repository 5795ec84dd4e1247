import { detachUnit } from "@flashline/dfu-core";
import { isRunTime } from "@flashline/dfu-core/protocol";
import { Command } from "commander";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { hex16 } from "../terminal/units.ts";
import { type Attempt, conclude, runAttempt } from "./attempt.ts";
import { type UnitOptions, withUnitOptions } from "./options.ts";

/** Asks a device that runs its application into DFU mode. Tells a failure, and then gives its exit code; undefined where it is there. */
async function detach(attempt: Attempt, profile: UnitOptions["profile"]) {
  const { reporter, transport, say, unit } = attempt;
  const report = await detachUnit({ ...attempt, ...defined({ profile }) });
  if (report.outcome === "FAIL") return { failed: conclude(reporter, report, ""), report };
  const { vendorId, productId } = transport.descriptors;
  const ids = `${hex16(vendorId)}:${hex16(productId)}`;
  say(`In DFU mode as ${ids}.`, { event: "detached", path: unit.portPath, ids });
  return { failed: undefined, report };
}

/** With `--detach`: a device that runs its application is brought into DFU mode first; another one is as it should be. */
export async function detachFirst(
  attempt: Attempt,
  { detach: wanted, profile }: { readonly detach?: true } & UnitOptions,
): Promise<ExitCode | undefined> {
  if (wanted !== true || !isRunTime(attempt.transport.descriptors)) return undefined;
  return (await detach(attempt, profile)).failed;
}

export function detachCommand(console: Console): Command {
  return withUnitOptions(new Command("detach"))
    .addHelpText(
      "after",
      examples(
        "flashline dfu list --device 1209:0002",
        "flashline dfu detach --device 1209:0002",
        "flashline dfu flash firmware.bin --device 1209:0002 --detach --plain",
      ),
    )
    .action(async (options: UnitOptions) => {
      process.exitCode = await runAttempt(console, options, async (attempt) => {
        const { failed, report } = await detach(attempt, options.profile);
        if (failed !== undefined) return failed;
        if (options.json) attempt.reporter.finished(report, "");
        return ExitCode.Done;
      });
    });
}
