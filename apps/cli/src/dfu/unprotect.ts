import { UNPROTECT_CONFIRMATION, unprotectUnit } from "@flashline/dfu-core";
import { Command } from "commander";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { Refusal } from "../refusal.ts";
import { conclude, runAttempt } from "./attempt.ts";
import { EVERYTHING, openNote } from "./dirty-note.ts";
import { type UnitOptions, withUnitOptions } from "./options.ts";

interface Options extends UnitOptions {
  readonly yesIMean?: string;
}

const EXAMPLES = `
Examples:
  flashline dfu unprotect
  flashline dfu unprotect --path 3-1.2 --yes-i-mean ${UNPROTECT_CONFIRMATION}

It is done only on a unit that is proven protected: a bad host looks the same, and then nothing is lost.`;

export function unprotectCommand(console: Console): Command {
  return withUnitOptions(new Command("unprotect"))
    .option("--yes-i-mean <name>", `the second confirmation: ${UNPROTECT_CONFIRMATION}`)
    .addHelpText("after", EXAMPLES)
    .action(async (options: Options) => {
      const confirmed = await confirm(console, options);
      process.exitCode = await runAttempt(console, options, async (attempt) => {
        const { chip, profile } = options;
        const note = await openNote(attempt.unit, options.usbip, attempt.warn);
        const report = await unprotectUnit({
          ...attempt,
          transport: note.guard(attempt.transport, () => EVERYTHING),
          confirmed,
          ...defined({ chip, profile }),
        });
        if (report.outcome === "PASS") await note.finished(EVERYTHING);
        const summary = "Read protection was lifted and the flash reads blank";
        return conclude(attempt.reporter, report, summary);
      });
    });
}

async function confirm(console: Console, options: Options): Promise<string> {
  const said =
    options.yesIMean ??
    (console.terminal.canAsk && !options.json
      ? await console.ask(`This erases the whole unit. Type ${UNPROTECT_CONFIRMATION} to go on: `)
      : "");
  if (said.trim() === UNPROTECT_CONFIRMATION) return UNPROTECT_CONFIRMATION;
  throw new Refusal(
    "usage.confirm",
    `Read protection is lifted only with --yes-i-mean ${UNPROTECT_CONFIRMATION}.`,
  );
}
