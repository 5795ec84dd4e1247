import { createHash } from "node:crypto";
import type { Image } from "@flashline/dfu-core";
import { findVectorTable, vectorTableProblem } from "@flashline/dfu-core/image";
import { Command } from "commander";
import { address } from "../arguments.ts";
import type { Console } from "../console.ts";
import { hex16, hex32, plural, sizeText, table } from "../terminal/units.ts";
import { type ChipMap, chipMap } from "./chip-map.ts";
import { chipPicture } from "./chip-picture.ts";
import { FILE_HELP, FORMAT_TEXT } from "./formats.ts";
import { type FileOptions, formatOption, parseFile } from "./parse-file.ts";
import { mapPicture } from "./picture.ts";
import { readInput } from "./read-file.ts";

interface Options extends FileOptions {
  readonly chip?: string;
  readonly json?: true;
}

/** Segments that are listed one by one for a person. */
const MOST_ROWS = 40;

const EXAMPLES = `
Examples:
  flashline image inspect firmware.dfu
  flashline image inspect firmware.hex --chip STM32F407`;

export function inspectCommand(console: Console): Command {
  return new Command("inspect")
    .argument("<file>", FILE_HELP)
    .option("--address <address>", "where a raw image begins (default: 0x08000000)", address)
    .addOption(formatOption())
    .option("--chip <name>", "draw the sectors of this chip class, e.g. STM32F407")
    .option("--json", "one JSON line")
    .addHelpText("after", EXAMPLES)
    .action(async (file: string, options: Options) => {
      const bytes = await readInput(file);
      const image = parseFile(file, bytes, options);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const chip = options.chip === undefined ? undefined : chipMap(options.chip, image.segments);
      const subject: Subject = { file, fileBytes: bytes.length, sha256, image, chip };
      const { terminal } = console;
      terminal.write(
        options.json
          ? `${JSON.stringify({ event: "image", ...facts(subject) })}\n`
          : text(subject, terminal.columns),
      );
    });
}

interface Subject {
  readonly file: string;
  readonly fileBytes: number;
  readonly sha256: string;
  readonly image: Image;
  readonly chip: ChipMap | undefined;
}

function facts({ file, fileBytes, sha256, image, chip }: Subject) {
  const { segments, ...rest } = image;
  return {
    file,
    fileBytes,
    sha256,
    ...rest,
    segments: segments.map(({ address: from, data }) => ({ address: from, length: data.length })),
    vectors: findVectorTable(image) ?? null,
    ...(chip === undefined ? {} : { chip }),
  };
}

function text({ file, fileBytes, sha256, image, chip }: Subject, columns: number): string {
  const { format, segments, target, title, entry } = image;
  const vectors = findVectorTable(image);
  const rows = segments.slice(0, MOST_ROWS).map(({ address: from, data }, index) => {
    const before = segments[index - 1];
    const gap = before === undefined ? 0 : from - before.address - before.data.length;
    return [
      `  ${hex32(from)}`,
      hex32(from + data.length - 1),
      sizeText(data.length),
      gap === 0 ? "" : `after a gap of ${sizeText(gap)}`,
    ];
  });
  const more = segments.length - rows.length;
  return [
    `${file}: ${FORMAT_TEXT[format]}, ${plural(fileBytes, "byte")}`,
    `SHA-256 ${sha256}`,
    ...(title === undefined ? [] : [`Title "${title}"`]),
    ...(target === undefined
      ? []
      : [`For ${hex16(target.vendorId)}:${hex16(target.productId)} (0000 and ffff: any)`]),
    `${plural(segments.length, "segment")}, ${sizeText(image.bytes)} in all:`,
    table(rows).trimEnd(),
    ...(more === 0 ? [] : [`  and ${more} more`]),
    mapPicture(segments, columns),
    ...(chip === undefined ? [] : [chipPicture(chip)]),
    ...(entry === undefined ? [] : [`Start address ${hex32(entry)}`]),
    vectors === undefined
      ? `Note: ${vectorTableProblem(image) ?? "no vector table fits"}`
      : `Vector table${vectors.address === segments[0]?.address ? "" : ` at ${hex32(vectors.address)}`}: stack ${hex32(vectors.stack)}, reset ${hex32(vectors.reset)}`,
    ...image.warnings.map((warning) => `Note: ${warning}`),
    "",
  ].join("\n");
}
