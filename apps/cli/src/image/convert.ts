import type { Image } from "@flashline/dfu-core";
import { encodeDfuse, encodeHex, encodeRaw, encodeSrec } from "@flashline/dfu-core/image";
import { Command, Option } from "commander";
import { address, byteCount, wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import {
  besideStandardOutput,
  isStandardOutput,
  keepApart,
  writeOutput,
  writeStandardOutput,
} from "../output.ts";
import { Refusal } from "../refusal.ts";
import { hex32, plural } from "../terminal/units.ts";
import { FILE_HELP, TARGETS, type Target, targetOf } from "./formats.ts";
import { parseFile } from "./parse-file.ts";
import { readInput } from "./read-file.ts";

interface Options {
  readonly to?: Target;
  readonly address?: number;
  readonly fill: number;
  readonly limit?: number;
  readonly name?: string;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  flashline image convert firmware.hex firmware.dfu
  flashline image convert firmware.elf firmware.bin
  flashline image convert firmware.bin firmware.srec --address 0x08004000`;

export function convertCommand(console: Console): Command {
  return new Command("convert")
    .argument("<file>", FILE_HELP)
    .argument("<output>", "what to write; .bin, .dfu, .hex and .srec or .s19 tell the format")
    .description("one image format to another")
    .addOption(new Option("--to <format>", "format, where the name does not tell").choices(TARGETS))
    .option("--address <address>", "where a raw input begins (default: 0x08000000)", address)
    .option("--fill <byte>", "what gaps become in a raw output", wholeNumber(0, 255), 255)
    .option("--limit <bytes>", "most bytes of a raw output (default: 64M)", byteCount)
    .option("--name <text>", "target name in a DfuSe output, title in an S-record output")
    .option("--json", "one JSON line")
    .addHelpText("after", EXAMPLES)
    .action(async (file: string, output: string, options: Options) => {
      const to = options.to ?? targetOf(output);
      if (to === undefined)
        throw new Refusal(
          "usage.argument",
          `The name ${output} does not tell the format; say --to.`,
        );
      await keepApart([output], [file]);
      const toStandardOutput = isStandardOutput(output);
      const { terminal } = toStandardOutput ? besideStandardOutput(console, options.json) : console;
      const image = parseFile(file, await readInput(file), options.address);
      const bytes = encode(image, to, options);
      await (toStandardOutput ? writeStandardOutput(bytes) : writeOutput(output, bytes));
      const start = image.segments[0]?.address ?? 0;
      if (options.json) {
        const facts = { format: to, bytes: bytes.length, address: start, warnings: image.warnings };
        terminal.write(`${JSON.stringify({ event: "converted", file, output, ...facts })}\n`);
        return;
      }
      for (const warning of image.warnings) terminal.writeError(`Note: ${warning}\n`);
      terminal.write(`${output}: ${plural(bytes.length, "byte")}, from ${hex32(start)}\n`);
    });
}

function encode(image: Image, to: Target, options: Options): Uint8Array {
  const name = options.name ?? image.title;
  switch (to) {
    case "raw":
      return encodeRaw(image, options.fill, options.limit);
    case "hex":
      return encodeHex(image);
    case "srec":
      return encodeSrec({ ...image, ...defined({ title: name }) });
    case "dfu": {
      const { vendorId, productId, bcdDevice } = image.target ?? {};
      const { alternate } = image;
      return encodeDfuse(
        image.segments,
        defined({ vendorId, productId, bcdDevice, name, alternate }),
      );
    }
  }
}
