import { OTP_CONFIRMATION, writeOtp } from "@flashline/dfu-core";
import { Command } from "commander";
import { address } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { readInput } from "../image/read-file.ts";
import { keepApart } from "../output.ts";
import { Refusal } from "../refusal.ts";
import { sizeText } from "../terminal/units.ts";
import { conclude, runAttempt } from "./attempt.ts";
import { type UnitOptions, withUnitOptions } from "./options.ts";

interface Options extends UnitOptions {
  readonly address: number;
  readonly yesIMean?: string;
}

export function otpCommand(console: Console): Command {
  return withUnitOptions(new Command("otp").argument("<file>", "raw binary, one block at most"))
    .requiredOption("--address <address>", "where in the one-time memory", address)
    .option("--yes-i-mean <name>", `the second confirmation: ${OTP_CONFIRMATION}`)
    .addHelpText(
      "after",
      examples(`flashline dfu otp key.bin --address 0x1fff7800 --yes-i-mean ${OTP_CONFIRMATION}`),
    )
    .action(async (file: string, options: Options) => {
      if (options.yesIMean !== OTP_CONFIRMATION)
        throw new Refusal(
          "usage.confirm",
          `One-time memory is written only with --yes-i-mean ${OTP_CONFIRMATION}.`,
        );
      await keepApart([options.pcapng], [file]);
      const data = await readInput(file);
      process.exitCode = await runAttempt(console, options, async (attempt) => {
        const { chip, profile, yesIMean: confirmed } = options;
        const place = { address: options.address, data: new Uint8Array(data) };
        const report = await writeOtp({
          ...attempt,
          ...place,
          ...defined({ chip, profile, confirmed }),
        });
        const summary = `${sizeText(report.bytes)} of OTP are as in the file`;
        return conclude(attempt.reporter, report, summary);
      });
    });
}
