import { readFile, writeFile } from "node:fs/promises";
import { extname } from "node:path";
import { type Image, parseImage } from "@flashline/dfu-core";
import { encodeDfuse, encodeRaw } from "@flashline/dfu-core/image";
import { Command, Option } from "commander";
import { address, wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { Refusal } from "../refusal.ts";
import { hex32, plural } from "../terminal/units.ts";

type Target = "raw" | "dfu";

interface Options {
  readonly to?: Target;
  readonly address?: number;
  readonly fill: number;
  readonly name?: string;
  readonly json?: true;
}

const BY_NAME: Readonly<Record<string, Target>> = { ".bin": "raw", ".dfu": "dfu" };

export function convertCommand(console: Console): Command {
  return new Command("convert")
    .argument("<file>", "raw binary or DfuSe file")
    .argument("<output>", "what to write; .bin and .dfu tell the format")
    .description("raw binary to DfuSe file and back")
    .addOption(
      new Option("--to <format>", "format, where the name does not tell").choices(["raw", "dfu"]),
    )
    .option("--address <address>", "where a raw input begins (default: 0x08000000)", address)
    .option("--fill <byte>", "what gaps become in a raw output", wholeNumber(0, 255), 255)
    .option("--name <text>", "target name inside a DfuSe output")
    .option("--json", "one JSON line")
    .addHelpText(
      "after",
      "\nExample:\n  flashline image convert firmware.bin firmware.dfu --address 0x08004000",
    )
    .action(async (file: string, output: string, options: Options) => {
      const to = options.to ?? BY_NAME[extname(output).toLowerCase()];
      if (to === undefined)
        throw new Refusal(
          "usage.argument",
          `The name ${output} does not tell the format; say --to.`,
        );
      const image = parseImage(await readFile(file), defined({ address: options.address }));
      const bytes = encode(image, to, options);
      await writeFile(output, bytes);
      const start = image.segments[0]?.address ?? 0;
      console.terminal.write(
        options.json
          ? `${JSON.stringify({ event: "converted", file, output, format: to, bytes: bytes.length, address: start })}\n`
          : `${output}: ${plural(bytes.length, "byte")}, from ${hex32(start)}\n`,
      );
    });
}

function encode(image: Image, to: Target, options: Options): Uint8Array {
  if (to === "raw") return encodeRaw(image, options.fill);
  const { vendorId, productId, bcdDevice } = image.target ?? {};
  const { name } = options;
  return encodeDfuse(
    image.segments,
    defined({ vendorId, productId, bcdDevice, name, alternate: image.alternate }),
  );
}
