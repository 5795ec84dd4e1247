import { rename, rm, writeFile } from "node:fs/promises";
import { readUnit, unitInfo } from "@flashline/dfu-core";
import { Command } from "commander";
import { address, byteCount, wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { ExitCode } from "../exit.ts";
import { Refusal } from "../refusal.ts";
import { hex32, sizeText } from "../terminal/units.ts";
import { type Attempt, runAttempt } from "./attempt.ts";
import { type UnitOptions, withUnitOptions } from "./options.ts";

interface Options extends UnitOptions {
  readonly address: number;
  readonly length?: number;
  readonly alt?: number;
}

const EXAMPLES = `
Examples:
  flashline dfu read backup.bin
  flashline dfu read vectors.bin --address 0x08000000 --length 0x200
  flashline dfu read options.bin --alt 1 --address 0x1fffc000 --length 16`;

export function readCommand(console: Console): Command {
  return withUnitOptions(
    new Command("read").argument("<file>", "where the bytes go; replaced when it exists"),
  )
    .description("read one unit's memory into a file")
    .option("--address <address>", "first address", address, 0x0800_0000)
    .option("--length <bytes>", "how many bytes (default: to the end of that memory)", byteCount)
    .option(
      "--alt <number>",
      "alternate setting (default: the one that has the address)",
      wholeNumber(0, 255),
    )
    .addHelpText("after", EXAMPLES)
    .action(async (file: string, options: Options) => {
      process.exitCode = await runAttempt(console, options, (attempt) =>
        read(attempt, file, options),
      );
    });
}

async function read(attempt: Attempt, file: string, options: Options): Promise<ExitCode> {
  const { reporter } = attempt;
  const { chip, profile, alt: alternate } = options;
  const length = options.length ?? (await lengthToEnd(attempt, options));
  const report = await readUnit({
    ...attempt,
    onEvent: reporter.event,
    address: options.address,
    length,
    ...defined({ chip, profile, alternate }),
  });
  if (report.data !== undefined) await replaceFile(file, report.data);
  reporter.finished(report, `${sizeText(length)} from ${hex32(options.address)} read into ${file}`);
  return report.outcome === "PASS" ? ExitCode.Done : ExitCode.Fail;
}

async function lengthToEnd(attempt: Attempt, options: Options): Promise<number> {
  const { info } = await unitInfo({ transport: attempt.transport, clock: attempt.clock });
  const memories = (info?.memories ?? []).filter(
    (memory) => options.alt === undefined || memory.alternate === options.alt,
  );
  for (const zone of memories.flatMap((memory) => memory.zones)) {
    const end = zone.sectors.reduce((sum, { count, size }) => sum + count * size, zone.address);
    if (options.address >= zone.address && options.address < end) return end - options.address;
  }
  throw new Refusal(
    "usage.argument",
    `The unit names no memory at ${hex32(options.address)}; say --length to read there.`,
  );
}

/** A read that fails on the way must not leave half a file under the name that was asked for. */
async function replaceFile(file: string, data: Uint8Array): Promise<void> {
  const temporary = `${file}.part`;
  try {
    await writeFile(temporary, data);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
