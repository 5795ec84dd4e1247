import { eraseUnit, optionZonesOf } from "@flashline/dfu-core";
import { Command } from "commander";
import { address, byteCount, wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { Refusal } from "../refusal.ts";
import { conclude, runAttempt } from "./attempt.ts";
import { EVERYTHING, openNote, without } from "./dirty-note.ts";
import { ALT_OPTION, type UnitOptions, withUnitOptions } from "./options.ts";

/** What a person types before everything is erased. */
export const MASS_ERASE = "mass-erase";

interface Options extends UnitOptions {
  readonly address?: number;
  readonly length?: number;
  readonly alt?: number;
  readonly mass?: true;
  readonly yesIMean?: string;
}

const EXAMPLES = `
Examples:
  flashline dfu erase --address 0x08004000 --length 16K
  flashline dfu erase --mass --yes-i-mean ${MASS_ERASE}`;

export function eraseCommand(console: Console): Command {
  return withUnitOptions(new Command("erase"))
    .option("--address <address>", "first address; sectors are erased whole", address)
    .option("--length <bytes>", "bytes from there", byteCount)
    .option(...ALT_OPTION, wholeNumber(0, 255))
    .option("--mass", "erase everything")
    .option("--yes-i-mean <name>", `the second confirmation: ${MASS_ERASE}`)
    .addHelpText("after", EXAMPLES)
    .action(async (options: Options) => {
      const { chip, profile, length, mass, address: from, alt: alternate } = options;
      if (mass) await confirmMassErase(console, options);
      else if (from === undefined || length === undefined)
        throw new Refusal(
          "usage.argument",
          "Say --address and --length, or --mass for everything.",
        );
      process.exitCode = await runAttempt(console, options, async (attempt) => {
        const range =
          from === undefined || length === undefined
            ? without(EVERYTHING, optionZonesOf(attempt.transport.descriptors))
            : [{ address: from, length }];
        const note = await openNote(attempt.unit, options.usbip, attempt.warn);
        const report = await eraseUnit({
          ...attempt,
          transport: note.guard(attempt.transport, () => range),
          onEvent: attempt.reporter.event,
          ...defined({ chip, profile, alternate, mass, address: from, length }),
        });
        if (report.outcome === "PASS") await note.finished(range);
        const summary = mass ? "Everything erased" : "Erased";
        return conclude(attempt.reporter, report, summary);
      });
    });
}

/** Asked for twice, by name: once by --mass, once by a person's own words or by the option that stands for them. */
async function confirmMassErase(console: Console, options: Options): Promise<void> {
  if (options.address !== undefined || options.length !== undefined)
    throw new Refusal(
      "usage.argument",
      "--mass erases everything; --address and --length do not go with it.",
    );
  const said =
    options.yesIMean ??
    (console.terminal.canAsk && !options.json
      ? await console.ask(`This erases the whole chip. Type ${MASS_ERASE} to go on: `)
      : undefined);
  if (said?.trim() !== MASS_ERASE)
    throw new Refusal(
      "usage.confirm",
      `A mass erase is done only with --mass and --yes-i-mean ${MASS_ERASE}.`,
    );
}
