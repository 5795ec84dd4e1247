import { type FlashReport, verifyUnit } from "@flashline/dfu-core";
import { Command } from "commander";
import { address, wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { FILE_HELP } from "../image/formats.ts";
import { formatOption } from "../image/parse-file.ts";
import { withPartsOptions } from "../image/parts.ts";
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
import { type ImageOptions, readImage, unaliased } from "./image-file.ts";
import { ADDRESS_OPTION, ALT_OPTION, type UnitOptions, withUnitOptions } from "./options.ts";

interface Options extends UnitOptions, ImageOptions, PatchOptions {
  readonly alt?: number;
}

/** This command writes nothing, so a difference between flash and file blames neither unit nor link. */
function blameless({ blame, ...report }: FlashReport): FlashReport {
  if (blame === undefined || report.code === "flash.verify_mismatch") return report;
  return { ...report, blame };
}

export function verifyCommand(console: Console): Command {
  const command = withUnitOptions(new Command("verify").argument("<file>", FILE_HELP));
  return withPatchOptions(withPartsOptions(command))
    .option(...ADDRESS_OPTION, address)
    .addOption(formatOption())
    .option(...ALT_OPTION, wholeNumber(0, 255))
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
        const patched = patch?.apply(plain).image ?? plain;
        const image = unaliased(patched, attempt.transport.descriptors, options);
        const { chip, profile, alt: alternate } = options;
        const report = await verifyUnit({
          ...attempt,
          onEvent: attempt.reporter.event,
          image,
          ...defined({ chip, profile, alternate }),
        });
        const summary = `${sizeText(report.bytes)} are as in the file, compared`;
        return conclude(attempt.reporter, blameless(report), summary);
      });
    });
}
