import { readUnit } from "@flashline/dfu-core";
import { Command } from "commander";
import { address, byteCount, wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import type { ExitCode } from "../exit.ts";
import {
  besideStandardOutput,
  isStandardOutput,
  keepApart,
  openOutput,
  writeStandardOutput,
} from "../output.ts";
import { hex32, sizeText } from "../terminal/units.ts";
import { type Attempt, conclude, runAttempt } from "./attempt.ts";
import { type UnitOptions, withUnitOptions } from "./options.ts";
import { rangeToRead } from "./read-range.ts";

interface Options extends UnitOptions {
  readonly address?: number;
  readonly length?: number;
  readonly alt?: number;
}

const EXAMPLES = `
Examples:
  flashline dfu read backup.bin
  flashline dfu read vectors.bin --address 0x08000000 --length 0x200
  flashline dfu read options.bin --alt 1`;

export function readCommand(console: Console): Command {
  return withUnitOptions(
    new Command("read").argument(
      "<file>",
      "where the bytes go; replaced when it exists; - is the standard output",
    ),
  )
    .option(
      "--address <address>",
      "first address (default: 0x08000000, or where the memory of --alt begins)",
      address,
    )
    .option("--length <bytes>", "how many bytes (default: to the end of that memory)", byteCount)
    .option(
      "--alt <number>",
      "alternate setting (default: the one that has the address)",
      wholeNumber(0, 255),
    )
    .addHelpText("after", EXAMPLES)
    .action(async (file: string, options: Options) => {
      await keepApart([file, options.pcapng], []);
      const toStandardOutput = isStandardOutput(file);
      const around = toStandardOutput ? besideStandardOutput(console, options.json) : console;
      const output = toStandardOutput
        ? { save: writeStandardOutput, discard: () => Promise.resolve() }
        : await openOutput(file);
      let saved = false;
      const save = (bytes: Uint8Array) => {
        saved = true;
        return output.save(bytes);
      };
      try {
        process.exitCode = await runAttempt(around, options, (attempt) =>
          read(attempt, file, save, options),
        );
      } finally {
        if (!saved) await output.discard();
      }
    });
}

async function read(
  attempt: Attempt,
  file: string,
  save: (bytes: Uint8Array) => Promise<void>,
  options: Options,
): Promise<ExitCode> {
  const { reporter } = attempt;
  const { chip, profile, alt: alternate } = options;
  const wanted = await rangeToRead(attempt, options, chip);
  if (wanted.kind === "failed") return conclude(reporter, wanted.report, "");
  const { address: from, length } = wanted.range;
  const report = await readUnit({
    ...attempt,
    onEvent: reporter.event,
    address: from,
    length,
    ...defined({ chip, profile, alternate }),
  });
  if (report.data !== undefined) {
    await save(report.data);
    if (wanted.more !== undefined) attempt.warn(wanted.more);
  }
  const where = isStandardOutput(file) ? "the standard output" : file;
  const summary = `${sizeText(length)} from ${hex32(from)} read into ${where}`;
  return conclude(reporter, report, summary);
}
