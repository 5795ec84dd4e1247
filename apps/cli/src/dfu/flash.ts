import {
  type BankMode,
  type EngineEvent,
  flashPlainUnit,
  flashUnit,
  type RemainderRule,
} from "@flashline/dfu-core";
import { Command, Option } from "commander";
import { address, optionSetting, wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { ExitCode } from "../exit.ts";
import { FILE_HELP } from "../image/formats.ts";
import {
  PATCH_HELP,
  type Patch,
  type PatchOptions,
  readPatch,
  showPatch,
  withPatchOptions,
} from "../image/patch.ts";
import { sizeText } from "../terminal/units.ts";
import { type Attempt, runAttempt } from "./attempt.ts";
import { type ImageOptions, readImage, readImageFor } from "./image-file.ts";
import { ADDRESS_OPTION, type UnitOptions, withUnitOptions } from "./options.ts";
import { fileSnapshots, snapshotFolder, snapshotNameOf } from "./snapshots.ts";

interface Options extends UnitOptions, ImageOptions, PatchOptions {
  readonly remainder?: RemainderRule;
  readonly unitName?: string;
  readonly bankMode?: BankMode;
  readonly plain?: true;
  readonly leave?: true;
  readonly expectOption?: Readonly<Record<string, string>>;
  readonly dryRun?: true;
}

const EXAMPLES = `
Examples:
  flashline dfu flash firmware.dfu
  flashline dfu flash firmware.bin --address 0x08000000 --path 3-1.2 --leave
  flashline dfu flash firmware.hex --dry-run
  flashline dfu flash firmware.bin --usbip 127.0.0.1:3240/1-1 --json

The unit passes only when its flash was read back and equals the image.
Exit codes: 0 PASS or done, 1 FAIL, 2 wrong command or file, 3 no unit or several.`;

export function flashCommand(console: Console): Command {
  return withPatchOptions(withUnitOptions(new Command("flash").argument("<file>", FILE_HELP)))
    .description("erase, write and verify one unit")
    .option(...ADDRESS_OPTION, address)
    .option("--alt <number>", "alternate setting; the flash memory is 0", wholeNumber(0, 255))
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
    .option("--leave", "start the application afterwards")
    .option(
      "--expect-option <name=value>",
      "an option byte that the unit must have; else nothing is erased",
      optionSetting,
    )
    .addOption(
      new Option(
        "--plain",
        "a device that speaks DFU 1.1 without ST's addresses; it passes only if it can be read back",
      ).conflicts(["remainder", "bankMode", "leave", "dryRun", "chip", "expectOption"]),
    )
    .option("--dry-run", "show the plan and touch nothing")
    .addHelpText("after", `${PATCH_HELP}\n${EXAMPLES}`)
    .action(async (file: string, options: Options) => {
      const patch = await readPatch(options);
      const image = await readImage(file, options);
      if (patch !== undefined) showPatch(console, patch, patch.apply(image), options.json);
      process.exitCode = await runAttempt(console, options, (attempt) =>
        flash(attempt, file, options, patch),
      );
    });
}

async function flash(
  attempt: Attempt,
  file: string,
  options: Options,
  patch: Patch | undefined,
): Promise<ExitCode> {
  const { reporter } = attempt;
  const unpatched = await readImageFor(attempt.unit, file, options);
  const image = patch?.apply(unpatched).image ?? unpatched;
  if (options.plain) {
    const { alt: alternate, profile } = options;
    const report = await flashPlainUnit({ ...attempt, image, ...defined({ alternate, profile }) });
    reporter.finished(report, `${sizeText(report.bytes)} written and verified`);
    return report.outcome === "PASS" ? ExitCode.Done : ExitCode.Fail;
  }
  const {
    chip,
    profile,
    remainder,
    bankMode,
    leave,
    dryRun,
    unitName,
    expectOption: expectOptions,
  } = options;
  const preserving = remainder === "preserve" && dryRun !== true;
  const ending: { planned?: Extract<EngineEvent, { event: "planned" }> } = {};
  const report = await flashUnit({
    ...attempt,
    onEvent: (event) => {
      if (dryRun && event.event === "planned") ending.planned = event;
      else reporter.event(event);
    },
    image,
    ...(preserving
      ? {
          snapshots: fileSnapshots(snapshotFolder()),
          snapshotName: snapshotNameOf(attempt.unit, unitName),
        }
      : {}),
    ...defined({ chip, profile, remainder, bankMode, leave, dryRun, expectOptions }),
  });
  if (ending.planned !== undefined) {
    reporter.planned(ending.planned.plan, ending.planned.identity);
    return ExitCode.Done;
  }
  reporter.finished(report, `${sizeText(report.bytes)} written and verified`);
  return report.outcome === "PASS" ? ExitCode.Done : ExitCode.Fail;
}
