import { partOfImage, rebaseImage } from "@flashline/dfu-core";
import { Command } from "commander";
import { address } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { keepApart } from "../output.ts";
import { hex32 } from "../terminal/units.ts";
import { FILE_HELP } from "./formats.ts";
import { type FileOptions, formatOption, parseFile } from "./parse-file.ts";
import { type PartsOptions, withPartsOptions } from "./parts.ts";
import { readInput } from "./read-file.ts";
import { formatOf, type SaveOptions, saveImage, withSaveOptions } from "./save.ts";

interface Options extends SaveOptions, PartsOptions, FileOptions {
  readonly rebase?: number;
}

const EXAMPLES = `
Examples:
  flashline image convert firmware.hex firmware.dfu
  flashline image convert firmware.elf firmware.bin
  flashline image convert firmware.bin firmware.srec --address 0x08004000
  flashline image convert with-options.hex flash.hex --only 0x08000000-0x080fffff
  flashline image convert linked-at-0.hex firmware.hex --rebase 0x08000000
  flashline image convert firmware.dfu mine.dfu --device 1209:0001`;

export function convertCommand(console: Console): Command {
  const command = new Command("convert")
    .argument("<file>", FILE_HELP)
    .argument("<output>", "what to write; .bin, .dfu, .hex and .srec or .s19 tell the format")
    .option("--address <address>", "where a raw input begins (default: 0x08000000)", address)
    .addOption(formatOption())
    .option(
      "--rebase <address>",
      "move all of it so that its lowest byte lies there; the bytes stay as they are",
      address,
    );
  return withSaveOptions(withPartsOptions(command))
    .addHelpText("after", EXAMPLES)
    .action(async (file: string, output: string, options: Options) => {
      formatOf(output, options);
      await keepApart([output], [file]);
      const read = parseFile(file, await readInput(file), options);
      const part = partOfImage(read, defined({ only: options.only, skip: options.skip }));
      const from = part.segments[0]?.address ?? 0;
      const { rebase = from } = options;
      const image = rebaseImage(part, rebase);
      const moved = rebase === from ? {} : { rebased: { from, to: rebase } };
      const note = `moved from ${hex32(from)} to ${hex32(rebase)}; code that is linked for the old address does not run at the new one`;
      const warnings = rebase === from ? image.warnings : [...image.warnings, note];
      const event = { event: "converted", file, ...moved };
      await saveImage(console, { ...image, warnings }, output, options, event);
    });
}
