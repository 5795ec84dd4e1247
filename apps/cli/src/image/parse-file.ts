import { DfuError, type Image, type ParseImageOptions, parseImage } from "@flashline/dfu-core";
import { recogniseFile } from "@flashline/dfu-core/image";
import { Option } from "commander";
import { defined } from "../defined.ts";
import { Refusal } from "../refusal.ts";
import { hex32 } from "../terminal/units.ts";
import { FORMAT_TEXT } from "./formats.ts";

/** What a person says of a firmware file. */
export interface FileOptions {
  readonly address?: number;
  readonly format?: "raw";
}

export const formatOption = (): Option =>
  new Option(
    "--format <format>",
    "take the file's bytes as they are, whatever they look like",
  ).choices(["raw"]);

/** Only what the reader of firmware files needs of a command's options. */
export const readingOptions = (
  file: string,
  { address, format }: FileOptions,
): ParseImageOptions & { readonly name: string } => ({
  name: file,
  ...defined({ address, format }),
});

const RAW = "If these very bytes are to go to memory, say --format raw.";

/** Reads a file. To take it as raw is proposed only for content that no reader knows: a web page or an archive starts no unit. */
export function parseNamed(
  bytes: Uint8Array,
  reading: ParseImageOptions & { readonly name: string },
): Image {
  try {
    return parseImage(bytes, reading);
  } catch (error) {
    if (!(error instanceof DfuError) || error.code !== "image.not_firmware") throw error;
    const found = recogniseFile(bytes, reading.name);
    if (found.kind !== "other" || found.is.unknown !== true) throw error;
    throw new Refusal(error.code, error.message, { cause: error, hint: RAW });
  }
}

/** A firmware file's image. An address given for a file that has its own addresses is refused: it is not clear which one is meant. */
export function parseFile(file: string, bytes: Uint8Array, options: FileOptions): Image {
  const { address } = options;
  const image = parseNamed(bytes, readingOptions(file, options));
  if (address !== undefined && image.format !== "raw")
    throw new Refusal(
      "usage.argument",
      `${file} is of a kind that carries its own addresses (${FORMAT_TEXT[image.format]}); --address ${hex32(address)} contradicts it.`,
      { hint: "Leave --address away, or give a raw binary." },
    );
  return image;
}
