import type { ImageFormat } from "../image.ts";

const BY_ENDING: Readonly<Record<string, ImageFormat>> = {
  bin: "raw",
  img: "raw",
  raw: "raw",
  dfu: "dfuse",
  hex: "hex",
  ihex: "hex",
  ihx: "hex",
  srec: "srec",
  s19: "srec",
  s28: "srec",
  s37: "srec",
  mot: "srec",
  elf: "elf",
  axf: "elf",
};

/**
 * The ending of a file's name in lower case, without its dot; "" where there is none. Digits alone are part of a version
 * ("app-1.4.0") and no ending.
 */
export function endingOf(name: string): string {
  const base = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
  const dot = base.lastIndexOf(".");
  const ending = dot <= 0 ? "" : base.slice(dot + 1).toLowerCase();
  return /^[0-9]*$/.test(ending) ? "" : ending;
}

/** The format that a name promises; undefined where it promises none. */
export const formatOfName = (name: string): ImageFormat | undefined => BY_ENDING[endingOf(name)];

/** True where a name lets its content be bytes of no format: `.bin`, `.img`, `.raw`, or no ending at all. */
export const mayBeRaw = (name: string): boolean =>
  endingOf(name) === "" || formatOfName(name) === "raw";
