import { DfuError, parseMemoryLayout } from "@flashline/dfu-core";
import { type ImageFormat, parseImage, readSuffix, recogniseFile } from "@flashline/dfu-core/image";
import {
  decodeStringDescriptor,
  LinkError,
  parseConfiguration,
  parseDeviceDescriptor,
  parseFunctionalDescriptor,
} from "@flashline/dfu-core/protocol";
import { KeyFileError, SignatureError } from "@flashline/signing";
import { SimError } from "../../packages/virtual-stm32/src/errors.ts";
import { READERS } from "./readers.ts";

const image = (format?: ImageFormat) => (bytes: Uint8Array) => {
  const { segments, bytes: size } = parseImage(bytes, format === undefined ? {} : { format });
  const sum = segments.reduce((all, segment) => all + segment.data.length, 0);
  if (sum !== size || sum === 0) throw new RangeError(`the segments have ${sum} bytes of ${size}`);
  segments.reduce((end, { address, data }) => {
    if (address <= end) throw new RangeError("segments overlap, touch or are not sorted");
    return address + data.length;
  }, -1);
};

const latin1 = (bytes: Uint8Array): string => {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
};

const FUZZED_NAMES = [
  "fw.bin",
  "fw",
  "app-1.4.0",
  "fw.hex",
  "fw.s19",
  "fw.dfu",
  "fw.elf",
  "fw.dat",
];
const RAW_NAMES = 3;
/** Where USB DFU 1.1, appendix B, has the mark of a suffix, from the end. */
const SUFFIX_MARK = 8;

/** The first byte chooses the name; the rest is the file. Content that no reader knows is raw only under a name that allows it. */
function recognise(bytes: Uint8Array): void {
  const which = (bytes[0] ?? 0) % FUZZED_NAMES.length;
  const name = FUZZED_NAMES[which] ?? "";
  const file = bytes.subarray(1);
  const found = recogniseFile(file, name);
  const isSuffixed = latin1(file.slice(-SUFFIX_MARK, -SUFFIX_MARK + 3)) === "UFD";
  const isRaw = found.kind === "firmware" && found.format === "raw";
  if (isRaw && which >= RAW_NAMES && !isSuffixed) throw new RangeError(`raw under ${name}`);
  const start = latin1(file.subarray(0, 16));
  const isKnown =
    /^(<!doctype html>|<html>|<\?xml )/i.test(start) || start.startsWith("PK\x03\x04");
  // Of a short file the mark itself may be in the suffix.
  if (isRaw && isKnown && !isSuffixed) throw new RangeError("a page or an archive is raw");
  try {
    const { format } = parseImage(file, { name });
    if (found.kind === "other" || format !== found.format) throw new RangeError("read otherwise");
  } catch (error) {
    const refused = error instanceof DfuError && error.code === "image.not_firmware";
    if (refused && found.kind === "firmware") throw new RangeError("refused otherwise");
    throw error;
  }
}

/** Every reader of what comes from a file, a network, a person or a device. */
export const TARGETS: Readonly<Record<string, (bytes: Uint8Array) => void>> = {
  any: image(),
  recognise,
  hex: image("hex"),
  srec: image("srec"),
  elf: image("elf"),
  dfuse: image("dfuse"),
  suffix: (bytes) => void readSuffix(bytes),
  layout: (bytes) => void parseMemoryLayout(latin1(bytes)),
  descriptors(bytes) {
    decodeStringDescriptor(bytes);
    parseFunctionalDescriptor(bytes);
    parseConfiguration(bytes);
    parseDeviceDescriptor(bytes);
  },
  ...READERS,
};

/** How a reader refuses; whatever else it throws is a bug. */
const REFUSALS = [DfuError, LinkError, SignatureError, KeyFileError, SimError];

export const TARGET_NAMES: readonly string[] = Object.keys(TARGETS);

/** Undefined when the input was read or cleanly refused; else what a parser must not do. */
export function tryTarget(name: string, bytes: Uint8Array): string | undefined {
  try {
    TARGETS[name]?.(bytes);
    return undefined;
  } catch (error) {
    const refused = REFUSALS.some((kind) => error instanceof kind);
    const isBug = error instanceof DfuError && error.code === "internal.bug";
    if (refused && !isBug) return undefined;
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
