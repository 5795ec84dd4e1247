import { leaveUnit } from "@flashline/dfu-core";
import { Command } from "commander";
import { address } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { runAttempt } from "./attempt.ts";
import { type UnitOptions, withUnitOptions } from "./options.ts";

interface Options extends UnitOptions {
  readonly address?: number;
}

export function leaveCommand(console: Console): Command {
  return withUnitOptions(new Command("leave"))
    .description("start the application; the unit leaves bootloader mode")
    .addHelpText(
      "after",
      examples("flashline dfu leave", "flashline dfu leave --address 0x08008000"),
    )
    .option("--address <address>", "where its vector table is (default: 0x08000000)", address)
    .action(async (options: Options) => {
      process.exitCode = await runAttempt(console, options, async (attempt) => {
        const { chip, profile, address: from } = options;
        const report = await leaveUnit({
          ...attempt,
          onEvent: attempt.reporter.event,
          ...defined({ chip, profile, address: from }),
        });
        attempt.reporter.finished(report, "The application was started");
        return report.outcome === "PASS" ? ExitCode.Done : ExitCode.Fail;
      });
    });
}
