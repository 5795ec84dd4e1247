import { Command, Option } from "commander";
import { address, optionSetting, wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { FILE_HELP } from "../image/formats.ts";
import { formatOption } from "../image/parse-file.ts";
import { withPartsOptions } from "../image/parts.ts";
import {
  PATCH_HELP,
  type PatchOptions,
  patchFiles,
  readPatch,
  showPatch,
  withPatchOptions,
} from "../image/patch.ts";
import { keepApart } from "../output.ts";
import { Refusal } from "../refusal.ts";
import { checkExpectOptions, withExpectOptions } from "./after-leave.ts";
import { runAttempt } from "./attempt.ts";
import { detachFirst } from "./detach.ts";
import { type FlashOptions, flash, flashPlain } from "./flash-attempt.ts";
import { type ImageOptions, readImage, unaliased } from "./image-file.ts";
import { ADDRESS_OPTION, ALT_OPTION, withUnitOptions } from "./options.ts";

interface Options extends FlashOptions, ImageOptions, PatchOptions {}

const EXAMPLES = `
Examples:
  flashline dfu flash firmware.dfu
  flashline dfu flash firmware.bin --address 0x08000000 --path 3-1.2 --leave
  flashline dfu flash firmware.hex --leave --expect 0483:5740 --within 5
  flashline dfu flash firmware.hex --dry-run
  flashline dfu flash firmware.bin --usbip 127.0.0.1:3240/1-1 --json

The unit passes only when its flash was read back and equals the image.
Exit codes: 0 PASS or done, 1 FAIL, 2 wrong command or file, 3 no unit or several.`;

export function flashCommand(console: Console): Command {
  const command = withUnitOptions(new Command("flash").argument("<file>", FILE_HELP));
  return withExpectOptions(withPatchOptions(withPartsOptions(command)))
    .option(...ADDRESS_OPTION, address)
    .addOption(formatOption())
    .option(...ALT_OPTION, wholeNumber(0, 255))
    .addOption(
      new Option(
        "--remainder <rule>",
        "what happens to the part of a sector that the image does not cover",
      )
        .choices(["discard", "preserve", "refuse"])
        .default("discard"),
    )
    .option(
      "--unit-name <name>",
      "with --remainder preserve: the unit's own serial, under which its content is kept until it passes",
    )
    .addOption(
      new Option(
        "--bank-mode <mode>",
        "the bank mode that the image is for; a unit in another one, or that does not tell, is refused",
      ).choices(["single", "dual"]),
    )
    .option("--leave", "tell the unit to start the application afterwards")
    .option(
      "--leave-address <address>",
      "where the vector table of that application is; implies --leave (default: the image's lowest address)",
      address,
    )
    .option(
      "--detach",
      "a device that runs its application is first asked into DFU mode; without this it is refused",
    )
    .option(
      "--dirty",
      "an earlier attempt at this unit was cut off: erase without trusting what it holds",
    )
    .option(
      "--expect-option <name=value>",
      "an option byte that the unit must have; else nothing is erased",
      optionSetting,
    )
    .addOption(
      new Option(
        "--plain",
        "a device that speaks DFU 1.1 without ST's addresses; it passes only if it can be read back",
      ).conflicts([
        ...["remainder", "bankMode", "leave", "leaveAddress", "dryRun", "chip", "expectOption"],
      ]),
    )
    .option("--dry-run", "show the plan and touch nothing")
    .addHelpText("after", `${PATCH_HELP}\n${EXAMPLES}`)
    .action(async (file: string, given: Options) => {
      const options: Options = given.leaveAddress === undefined ? given : { ...given, leave: true };
      if (options.expect !== undefined && options.leave !== true)
        throw new Refusal("usage.argument", "--expect is what follows --leave; say both.");
      checkExpectOptions(options);
      await keepApart([options.pcapng], [file, ...patchFiles(options)]);
      const patch = await readPatch(options);
      const read = await readImage(file, options);
      if (patch !== undefined) showPatch(console, patch, patch.apply(read.image), options.json);
      process.exitCode = await runAttempt(console, options, async (attempt) => {
        const failed = await detachFirst(attempt, options);
        if (failed !== undefined) return failed;
        const unpatched = read.forUnit(attempt.transport.descriptors);
        const image = patch?.apply(unpatched).image ?? unpatched;
        if (options.plain) return flashPlain(attempt, image, options);
        return flash(attempt, unaliased(image, attempt.transport.descriptors, options), options);
      });
    });
}
