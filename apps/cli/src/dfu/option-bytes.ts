import {
  CONFIRMATIONS,
  type OptionBytes,
  type OptionsReport,
  optionZonesOf,
  readOptions,
  writeOptions,
} from "@flashline/dfu-core";
import { Argument, Command } from "commander";
import { collect, optionSetting } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import type { ExitCode } from "../exit.ts";
import { keepApart } from "../output.ts";
import { Refusal } from "../refusal.ts";
import { hex32, table } from "../terminal/units.ts";
import { type Attempt, conclude, runAttempt } from "./attempt.ts";
import { openNote } from "./dirty-note.ts";
import { readImage } from "./image-file.ts";
import { type UnitOptions, withUnitOptions } from "./options.ts";
import { tellOptionsDirty } from "./options-dirty.ts";

interface Options extends UnitOptions {
  readonly set?: Readonly<Record<string, string>>;
  readonly image?: string;
  readonly powerCycle?: true;
  readonly yesIMean: readonly string[];
}

/** Confirms that RDP is set on a unit whose flash was not compared with an image. */
const UNVERIFIED = "unverified-flash";

/** What `--yes-i-mean` takes here. */
export const OPTION_CONFIRMATIONS: readonly string[] = [...CONFIRMATIONS, UNVERIFIED];

const EXAMPLES = `
Examples:
  flashline dfu options
  flashline dfu options --set BOR_LEV=2 --set IWDG_SW=1
  flashline dfu options --set nWRP=0xffe --yes-i-mean write-protection
  flashline dfu options --set RDP=1 --image firmware.hex

RDP is set last, after the image was verified, and must then be seen to work. What cannot be undone, or takes the unit out of
reach, needs its name: ${OPTION_CONFIRMATIONS.slice(0, 4).join(", ")},
${OPTION_CONFIRMATIONS.slice(4).join(", ")}. The last stands for RDP without --image: what a
protected unit holds can never be compared again.`;

export function optionsCommand(console: Console): Command {
  return withUnitOptions(
    new Command("options").addArgument(
      new Argument("[action]", "show is what it does without --set").choices(["show"]),
    ),
  )
    .option("--set <name=value>", "an option's new value; several times for several", optionSetting)
    .option("--image <file>", "what the flash must hold before and after")
    .option(
      "--power-cycle",
      "take the unit's power for a moment after RDP was set: by its hub where that can, else by you",
    )
    .option("--yes-i-mean <name>", "a second confirmation, by name", collect, [])
    .addHelpText("after", EXAMPLES)
    .action(async (action: string | undefined, options: Options) => {
      if (action !== undefined && options.set !== undefined)
        throw new Refusal("usage.argument", "show and --set do not go together.");
      await keepApart([options.pcapng], [options.image]);
      if (options.image === undefined && setsProtection(options.set ?? {}))
        await confirmUnverified(console, options);
      process.exitCode = await runAttempt(console, options, (attempt) =>
        options.set === undefined
          ? show(console, attempt, options)
          : write(console, attempt, options, options.set),
      );
    });
}

async function show(console: Console, attempt: Attempt, options: Options): Promise<ExitCode> {
  const { chip, profile } = options;
  tellOptionsDirty(attempt, await openNote(attempt.unit, options.usbip, attempt.warn));
  const report = await readOptions({ ...attempt, ...defined({ chip, profile }) });
  return finish(console, attempt, options, report, "Read");
}

async function write(
  console: Console,
  attempt: Attempt,
  options: Options,
  set: Readonly<Record<string, string>>,
): Promise<ExitCode> {
  const { chip, profile, powerCycle } = options;
  const image =
    options.image === undefined
      ? undefined
      : (await readImage(options.image, {})).forUnit(attempt.unit);
  const confirmed = [...options.yesIMean];
  const note = await openNote(attempt.unit, options.usbip, attempt.warn);
  const zones = optionZonesOf(attempt.transport.descriptors);
  const given = {
    ...attempt,
    transport: note.guard(attempt.transport, () => zones),
    set,
    confirmed,
    knownDirty: tellOptionsDirty(attempt, note, WRITTEN_ANEW),
    ...defined({ chip, profile, image, powerCycle }),
  };
  const once = () => writeOptions(given);
  let report = await once();
  if (report.unconfirmed !== undefined && console.terminal.canAsk && !options.json) {
    for (const name of report.unconfirmed) {
      const typed = await console.ask(`This may be for ever. Type ${name} to go on: `);
      if (typed.trim() === name) confirmed.push(name);
    }
    report = await once();
  }
  // Without its power cycle RDP is written all the same.
  if (report.outcome === "PASS" || report.code === "options.power_cycle")
    await note.finished(zones);
  return finish(console, attempt, options, report, summaryOf(report));
}

/** Under protection nothing can be read back: what was seen is the refusal, or that the bootloader has gone. */
const summaryOf = ({ options }: OptionsReport): string =>
  options === undefined
    ? "RDP is set and seen to work; the other option bytes were read back before"
    : "The option bytes are as wanted, read back";

const WRITTEN_ANEW =
  "An earlier writing of this unit's option bytes was not finished: all are written anew, whatever they read as.";

const setsProtection = (set: Readonly<Record<string, string>>): boolean =>
  Object.entries(set).some(([name, value]) => name.toUpperCase() === "RDP" && value !== "0");

async function confirmUnverified(console: Console, options: Options): Promise<void> {
  const why =
    "RDP is to be set, and nobody has verified what the flash holds; afterwards nobody can.";
  const { terminal } = console;
  if (options.yesIMean.includes(UNVERIFIED)) {
    if (!options.json) terminal.writeError(`Note: ${why}\n`);
    return;
  }
  const typed =
    terminal.canAsk && !options.json
      ? await console.ask(`${why}\nType ${UNVERIFIED} to go on, or name the image with --image: `)
      : "";
  if (typed.trim() === UNVERIFIED) return;
  throw new Refusal("usage.confirm", why, {
    hint: `Add --image FILE, which is compared before and after, or --yes-i-mean ${UNVERIFIED}.`,
  });
}

function finish(
  { terminal }: Console,
  { unit, reporter }: Attempt,
  options: Options,
  report: OptionsReport,
  summary: string,
): ExitCode {
  if (report.options !== undefined) {
    const event = { event: "options", path: unit.portPath, ...inHex(report.options) };
    terminal.write(options.json ? `${JSON.stringify(event)}\n` : optionsText(report.options));
  }
  const hint =
    report.unconfirmed?.map((name) => `Add --yes-i-mean ${name}`).join("\n") ??
    (report.detail?.endsWith("name its chip") ? "Add --chip, as --chip STM32F103." : undefined);
  return conclude(reporter, report, summary, hint);
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const inHex = (bytes: OptionBytes) => ({
  ...bytes,
  blocks: bytes.blocks.map((block) => ({ ...block, bytes: hexOf(block.bytes) })),
});

function optionsText({ values, blocks, corrupt, table: name }: OptionBytes): string {
  const rows = values.map(({ name, value, width, meaning }) => [
    `  ${name}`,
    width > 4 ? `0x${value.toString(16)}` : String(value),
    meaning ?? "",
  ]);
  const raw = blocks.map(({ address, bytes }) => `  ${hex32(address)}  ${hexOf(bytes)}\n`);
  return [
    name === undefined
      ? "No table knows these option bytes by name.\n"
      : `Option bytes (${name}):\n`,
    table(rows),
    "As read:\n",
    ...raw,
    ...(corrupt.length === 0 ? [] : [`The complement is wrong in ${corrupt.join(", ")}.\n`]),
  ].join("");
}
