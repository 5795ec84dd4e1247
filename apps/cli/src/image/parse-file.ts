import { type Image, parseImage } from "@flashline/dfu-core";
import { defined } from "../defined.ts";
import { Refusal } from "../refusal.ts";
import { hex32 } from "../terminal/units.ts";
import { FORMAT_TEXT } from "./formats.ts";

/** A firmware file's image. An address beside a file that has its own is a contradiction, and nobody knows which is meant. */
export function parseFile(file: string, bytes: Uint8Array, address: number | undefined): Image {
  const image = parseImage(bytes, defined({ address }));
  if (address !== undefined && image.format !== "raw")
    throw new Refusal(
      "usage.argument",
      `${file} is of a kind that carries its own addresses (${FORMAT_TEXT[image.format]}); --address ${hex32(address)} contradicts it.`,
      { hint: "Leave --address away, or give a raw binary." },
    );
  return image;
}
