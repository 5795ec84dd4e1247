import type { Image } from "@flashline/dfu-core";
import {
  appendSuffix,
  encodeDfuse,
  encodeHex,
  encodeRaw,
  encodeSrec,
} from "@flashline/dfu-core/image";
import { type Command, Option } from "commander";
import { byteCount, type UsbIds, usbIds, wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import {
  besideStandardOutput,
  isStandardOutput,
  writeOutput,
  writeStandardOutput,
} from "../output.ts";
import { Refusal } from "../refusal.ts";
import { hex32, plural } from "../terminal/units.ts";
import { TARGETS, type Target, targetOf } from "./formats.ts";

/** How an image is written to a file. */
export interface SaveOptions {
  readonly to?: Target;
  readonly fill: number;
  readonly limit?: number;
  readonly name?: string;
  readonly device?: UsbIds;
  readonly json?: true;
}

export const withSaveOptions = (command: Command): Command =>
  command
    .addOption(new Option("--to <format>", "format, where the name does not tell").choices(TARGETS))
    .option("--fill <byte>", "what gaps become in a raw output", wholeNumber(0, 255), 255)
    .option("--limit <bytes>", "most bytes of a raw output (default: 64M)", byteCount)
    .option("--name <text>", "target name in a DfuSe output, title in an S-record output")
    .option(
      "--device <vid:pid>",
      "the USB ids that a DfuSe output is for; a raw output gets a DFU suffix with them",
      usbIds,
    )
    .option("--json", "one JSON line");

/** The format of the output. Throws a Refusal where neither its name nor an option tells, or where it cannot carry ids. */
export function formatOf(output: string, { to, device }: SaveOptions): Target {
  const format = to ?? targetOf(output);
  if (format === undefined)
    throw new Refusal("usage.argument", `The name ${output} does not tell the format; say --to.`);
  if (device !== undefined && format !== "dfu" && format !== "raw")
    throw new Refusal(
      "usage.argument",
      "HEX and S-record files have no place for USB ids; --device is for DfuSe and raw outputs.",
    );
  return format;
}

/** Writes the image, and says so: what it was made of is in `event`. */
export async function saveImage(
  console: Console,
  image: Image,
  output: string,
  options: SaveOptions,
  event: Readonly<Record<string, unknown>>,
): Promise<void> {
  const to = formatOf(output, options);
  const toStandardOutput = isStandardOutput(output);
  const { terminal } = toStandardOutput ? besideStandardOutput(console, options.json) : console;
  const bytes = encode(image, to, options);
  await (toStandardOutput ? writeStandardOutput(bytes) : writeOutput(output, bytes));
  const start = image.segments[0]?.address ?? 0;
  if (options.json) {
    const facts = { format: to, bytes: bytes.length, address: start, warnings: image.warnings };
    terminal.write(`${JSON.stringify({ ...event, output, ...facts })}\n`);
    return;
  }
  for (const warning of image.warnings) terminal.writeError(`Note: ${warning}\n`);
  terminal.write(`${output}: ${plural(bytes.length, "byte")}, from ${hex32(start)}\n`);
}

/** bcdDFU of a suffix on a file without DfuSe's structure (USB DFU 1.1, appendix B). */
const BCD_DFU_1_1 = 0x0110;
const ANY_VERSION = 0xffff;

function encode(image: Image, to: Target, options: SaveOptions): Uint8Array {
  const name = options.name ?? image.title;
  const { device } = options;
  switch (to) {
    case "raw": {
      const bytes = encodeRaw(image, options.fill, options.limit);
      if (device === undefined) return bytes;
      return appendSuffix(bytes, { ...device, bcdDevice: ANY_VERSION }, BCD_DFU_1_1);
    }
    case "hex":
      return encodeHex(image);
    case "srec":
      return encodeSrec({ ...image, ...defined({ title: name }) });
    case "dfu": {
      const { alternate } = image;
      const ids =
        device === undefined ? (image.target ?? {}) : { ...device, bcdDevice: ANY_VERSION };
      return encodeDfuse(image.segments, defined({ ...ids, name, alternate }));
    }
  }
}
