import { leaveUnit } from "@flashline/dfu-core";
import { type PortExpectation, pcClock, seeOnPort } from "@flashline/usb-host";
import { Command } from "commander";
import { address, positive } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { runAttempt } from "./attempt.ts";
import { checkExpectation, expectation, notSeen } from "./expect.ts";
import { type UnitOptions, withUnitOptions } from "./options.ts";
import { unitSource } from "./select.ts";

interface Options extends UnitOptions {
  readonly address?: number;
  readonly expect?: PortExpectation;
  readonly within: number;
}

export function leaveCommand(console: Console): Command {
  return withUnitOptions(new Command("leave"))
    .description("start the application; the unit leaves bootloader mode")
    .addHelpText(
      "after",
      examples(
        "flashline dfu leave",
        "flashline dfu leave --address 0x08008000 --expect dfu-gone",
        "flashline dfu leave --expect 0483:5740 --within 5",
      ),
    )
    .option("--address <address>", "where its vector table is (default: 0x08000000)", address)
    .option(
      "--expect <what>",
      "what the port must show afterwards: dfu-gone, or the application's VID:PID",
      expectation,
    )
    .option("--within <seconds>", "how long that may take", positive, 10)
    .action(async (options: Options) => {
      const { expect } = options;
      if (expect !== undefined) checkExpectation(expect, options);
      process.exitCode = await runAttempt(console, options, async (attempt) => {
        const { chip, profile, address: from } = options;
        const report = await leaveUnit({
          ...attempt,
          onEvent: attempt.reporter.event,
          ...defined({ chip, profile, address: from }),
        });
        const wrong =
          expect === undefined || report.outcome === "FAIL"
            ? undefined
            : await shownOnPort(expect, attempt.unit.portPath, options);
        const seen = wrong === undefined ? report : notSeen(report, wrong);
        attempt.reporter.finished(
          seen,
          expect === undefined
            ? "The application was started"
            : "The application was started and seen",
        );
        return seen.outcome === "PASS" ? ExitCode.Done : ExitCode.Fail;
      });
    });
}

async function shownOnPort(
  expected: PortExpectation,
  portPath: string,
  options: Options,
): Promise<string | undefined> {
  const source = unitSource(options);
  try {
    return await seeOnPort(source, expected, portPath, options.within * 1000, pcClock());
  } finally {
    await source.close();
  }
}
