import { extname } from "node:path";
import type { ImageFormat } from "@flashline/dfu-core";

export const FORMAT_TEXT: Readonly<Record<ImageFormat, string>> = {
  raw: "raw binary",
  dfuse: "DfuSe file",
  hex: "Intel HEX file",
  srec: "S-record file",
  elf: "ELF file",
};

/** For the help of every command that takes a firmware file. */
export const FILE_HELP = "raw binary, DfuSe, Intel HEX, S-record or ELF file, told by content";

/** What `image convert` writes. */
export const TARGETS = ["raw", "dfu", "hex", "srec"] as const;
export type Target = (typeof TARGETS)[number];

const BY_NAME: Readonly<Record<string, Target>> = {
  ".bin": "raw",
  ".raw": "raw",
  ".dfu": "dfu",
  ".hex": "hex",
  ".ihex": "hex",
  ".ihx": "hex",
  ".srec": "srec",
  ".s19": "srec",
  ".s28": "srec",
  ".s37": "srec",
  ".mot": "srec",
};

/** The format that a file's name promises. */
export const targetOf = (file: string): Target | undefined => BY_NAME[extname(file).toLowerCase()];
