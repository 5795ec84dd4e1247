import type { Image } from "@flashline/dfu-core";
import { mergeSegments, recogniseFile } from "@flashline/dfu-core/image";
import { Command, Option } from "commander";
import { address } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { keepApart } from "../output.ts";
import { Refusal } from "../refusal.ts";
import { FILE_HELP } from "./formats.ts";
import { parseFile } from "./parse-file.ts";
import { readInput } from "./read-file.ts";
import { formatOf, type SaveOptions, saveImage, withSaveOptions } from "./save.ts";

interface Options extends SaveOptions {
  readonly output: string;
  readonly address?: number;
  readonly format?: "raw";
}

export function mergeCommand(console: Console): Command {
  const command = new Command("merge")
    .argument("<file...>", FILE_HELP)
    .requiredOption("-o, --output <file>", "what to write; its name tells the format, or --to")
    .option("--address <address>", "where the one raw input begins (default: 0x08000000)", address)
    .addOption(
      new Option(
        "--format <format>",
        "take the one input that is no firmware file as it is",
      ).choices(["raw"]),
    );
  return withSaveOptions(command)
    .addHelpText(
      "after",
      examples(
        "flashline image merge bootloader.hex application.hex -o unit.hex",
        "flashline image merge bootloader.elf application.bin --address 0x08008000 -o unit.dfu",
      ),
    )
    .action(async (files: readonly string[], options: Options) => {
      const { output } = options;
      formatOf(output, options);
      await keepApart([output], files);
      const images: Image[] = [];
      for (const file of files) images.push(await readPart(file, options));
      const raw = images.filter(({ format }) => format === "raw");
      if (options.address !== undefined && raw.length === 0)
        throw new Refusal("usage.argument", "No file is raw; --address has nothing to say.");
      if (raw.length > 1)
        throw new Refusal(
          "usage.argument",
          `${raw.length} of the files are raw and have no address of their own.`,
          { hint: "Give each its address first: flashline image convert FILE OUT.hex --address …" },
        );
      const { segments, bytes, warnings } = mergeSegments(images.flatMap((one) => one.segments));
      const target = options.device === undefined ? sameTarget(images) : undefined;
      const image: Image = {
        format: "raw",
        segments,
        bytes,
        ...(target === undefined ? {} : { target }),
        warnings: [...images.flatMap((one) => one.warnings), ...warnings],
      };
      await saveImage(console, image, output, options, { event: "merged", files });
    });
}

/** A raw file among others takes the address; the others have their own. */
async function readPart(file: string, { address: from, format }: Options): Promise<Image> {
  const bytes = await readInput(file);
  const isFirmware = recogniseFile(bytes, file).kind === "firmware";
  const taken = isFirmware ? {} : defined({ format });
  const image = parseFile(file, bytes, taken);
  return image.format === "raw"
    ? parseFile(file, bytes, { ...taken, ...defined({ address: from }) })
    : image;
}

/** The ids that all files which name some agree on. Throws `image.wrong_device` where they do not. */
function sameTarget(images: readonly Image[]): Image["target"] {
  const targets = images.flatMap(({ target }) => (target === undefined ? [] : [target]));
  const [first] = targets;
  const other = targets.find(
    ({ vendorId, productId }) => vendorId !== first?.vendorId || productId !== first.productId,
  );
  if (other !== undefined)
    throw new Refusal("image.wrong_device", "The files are for different USB devices.", {
      hint: "Say with --device which one the output is for.",
    });
  return first;
}
