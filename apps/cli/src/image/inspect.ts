import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type Image, parseImage } from "@flashline/dfu-core";
import { Command } from "commander";
import { address } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { hex16, hex32, plural, sizeText, table } from "../terminal/units.ts";
import { mapPicture } from "./picture.ts";
import { vectorTable } from "./vectors.ts";

interface Options {
  readonly address?: number;
  readonly json?: true;
}

export function inspectCommand(console: Console): Command {
  return new Command("inspect")
    .argument("<file>", "raw binary or DfuSe file, told apart by content")
    .description("what a firmware file holds, and where it goes")
    .option("--address <address>", "where a raw image begins (default: 0x08000000)", address)
    .option("--json", "one JSON line")
    .addHelpText("after", "\nExample:\n  flashline image inspect firmware.dfu")
    .action(async (file: string, options: Options) => {
      const bytes = await readFile(file);
      const image = parseImage(bytes, defined({ address: options.address }));
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const { terminal } = console;
      terminal.write(
        options.json
          ? `${JSON.stringify({ event: "image", ...facts(file, bytes, sha256, image) })}\n`
          : text(file, bytes, sha256, image, terminal.columns),
      );
    });
}

function facts(file: string, bytes: Uint8Array, sha256: string, image: Image) {
  const { segments, ...rest } = image;
  return {
    file,
    fileBytes: bytes.length,
    sha256,
    ...rest,
    segments: segments.map(({ address: from, data }) => ({ address: from, length: data.length })),
    vectors: vectorTable(image) ?? null,
  };
}

function text(
  file: string,
  bytes: Uint8Array,
  sha256: string,
  image: Image,
  columns: number,
): string {
  const { format, segments, target } = image;
  const vectors = vectorTable(image);
  const rows = segments.map(({ address: from, data }) => [
    `  ${hex32(from)}`,
    hex32(from + data.length - 1),
    sizeText(data.length),
  ]);
  return [
    `${file}: ${format === "dfuse" ? "DfuSe file" : "raw binary"}, ${plural(bytes.length, "byte")}`,
    `SHA-256 ${sha256}`,
    ...(target === undefined
      ? []
      : [`For ${hex16(target.vendorId)}:${hex16(target.productId)} (0000 and ffff: any)`]),
    `${plural(segments.length, "segment")}, ${sizeText(image.bytes)} in all:`,
    table(rows).trimEnd(),
    mapPicture(segments, columns),
    vectors === undefined
      ? "No vector table of a Cortex-M at its start."
      : `Vector table: stack ${hex32(vectors.stack)}, reset ${hex32(vectors.reset)}`,
    ...image.warnings.map((warning) => `Note: ${warning}`),
    "",
  ].join("\n");
}
