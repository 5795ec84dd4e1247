import { leaveUnit } from "@flashline/dfu-core";
import { Command } from "commander";
import { address } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import {
  afterLeave,
  checkExpectOptions,
  type ExpectOptions,
  withExpectOptions,
} from "./after-leave.ts";
import { conclude, runAttempt } from "./attempt.ts";
import { type UnitOptions, withUnitOptions } from "./options.ts";

interface Options extends UnitOptions, ExpectOptions {
  readonly address?: number;
}

export function leaveCommand(console: Console): Command {
  return withExpectOptions(withUnitOptions(new Command("leave")))
    .addHelpText(
      "after",
      examples(
        "flashline dfu leave",
        "flashline dfu leave --address 0x08008000 --expect dfu-gone",
        "flashline dfu leave --expect 0483:5740 --within 5",
      ),
    )
    .option("--address <address>", "where its vector table is (default: 0x08000000)", address)
    .action(async (options: Options) => {
      checkExpectOptions(options);
      process.exitCode = await runAttempt(console, options, async (attempt) => {
        const { chip, profile, address: from } = options;
        const left = await leaveUnit({
          ...attempt,
          onEvent: attempt.reporter.event,
          ...defined({ chip, profile, address: from }),
        });
        const { report, summary } = await afterLeave(attempt, left, options);
        return conclude(attempt.reporter, report, `L${summary.slice(1)}`);
      });
    });
}
