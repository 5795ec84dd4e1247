import { type FlashReport, verifyUnit } from "@flashline/dfu-core";
import { Command } from "commander";
import { address, wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { FILE_HELP } from "../image/formats.ts";
import {
  PATCH_HELP,
  type PatchOptions,
  patchFiles,
  readPatch,
  withPatchOptions,
} from "../image/patch.ts";
import { keepApart } from "../output.ts";
import { sizeText } from "../terminal/units.ts";
import { conclude, runAttempt } from "./attempt.ts";
import { type ImageOptions, readImage } from "./image-file.ts";
import { ADDRESS_OPTION, type UnitOptions, withUnitOptions } from "./options.ts";

interface Options extends UnitOptions, ImageOptions, PatchOptions {}

/** Nobody wrote here, so that the flash differs from the file is nobody's fault. */
function blameless({ blame, ...report }: FlashReport): FlashReport {
  if (blame === undefined || report.code === "flash.verify_mismatch") return report;
  return { ...report, blame };
}

export function verifyCommand(console: Console): Command {
  return withPatchOptions(withUnitOptions(new Command("verify").argument("<file>", FILE_HELP)))
    .description("compare one unit's flash with a file; writes nothing")
    .option(...ADDRESS_OPTION, address)
    .option("--alt <number>", "alternate setting; the flash memory is 0", wholeNumber(0, 255))
    .addHelpText(
      "after",
      `${PATCH_HELP}\n\nExample:\n  flashline dfu verify firmware.bin --address 0x08000000 --path 3-1.2`,
    )
    .action(async (file: string, options: Options) => {
      await keepApart([options.pcapng], [file, ...patchFiles(options)]);
      const patch = await readPatch(options);
      const read = await readImage(file, options);
      patch?.apply(read.image);
      process.exitCode = await runAttempt(console, options, async (attempt) => {
        const plain = read.forUnit(attempt.unit);
        const image = patch?.apply(plain).image ?? plain;
        const { chip, profile } = options;
        const report = await verifyUnit({
          ...attempt,
          onEvent: attempt.reporter.event,
          image,
          ...defined({ chip, profile }),
        });
        const summary = `${sizeText(report.bytes)} are as in the file, compared`;
        return conclude(attempt.reporter, blameless(report), summary);
      });
    });
}
