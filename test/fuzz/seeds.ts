import { readFileSync } from "node:fs";
import { formatMemoryLayout, PARTS, parseMemoryLayout } from "@flashline/dfu-core";
import {
  appendSuffix,
  encodeDfuse,
  encodeDfuseTargets,
  encodeHex,
  encodeSrec,
} from "@flashline/dfu-core/image";
import { READER_SEEDS, READER_WORDS } from "./reader-seeds.ts";

const vector = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../vectors/${name}`, import.meta.url)));
const text = (value: string) => Uint8Array.from(value, (letter) => letter.charCodeAt(0));
const segments = [
  { address: 0x0800fff8, data: Uint8Array.from({ length: 40 }, (_, index) => index) },
  { address: 0x08020001, data: Uint8Array.of(1, 2, 3) },
];
const ids = { vendorId: 0x0483, productId: 0xdf11, bcdDevice: 0x0200 };

/** An F4 ROM's configuration with two alternates, and its functional descriptor behind the last. */
const configuration = Uint8Array.from([
  ...[9, 2, 36, 0, 1, 1, 0, 0xc0, 50],
  ...[9, 4, 0, 0, 0, 0xfe, 1, 2, 4],
  ...[9, 4, 0, 1, 0, 0xfe, 1, 2, 5],
  ...[9, 0x21, 0x0b, 0xff, 0, 0, 8, 0x1a, 1],
]);
const device = Uint8Array.of(18, 1, 0, 1, 0, 0, 0, 64, 0x83, 4, 0x11, 0xdf, 0, 0x22, 1, 2, 3, 1);
const name = Uint8Array.from([
  12,
  3,
  ..."@Flsh".split("").flatMap((part) => [part.charCodeAt(0), 0]),
]);

const layouts = PARTS.flatMap((part) => part.layouts).flatMap((layout) => [
  text(layout),
  text(formatMemoryLayout(parseMemoryLayout(layout))),
]);
const dfuse = [
  vector("unit.dfu"),
  encodeDfuse(segments),
  encodeDfuseTargets([{ segments }, { segments, alternate: 1, name: "options" }], ids),
];
const suffixed = [vector("suffixed.bin"), appendSuffix(text("raw"), ids)];
const hex = [vector("unit.hex"), encodeHex({ segments, entry: 0x08000101 })];
const srec = [vector("unit.srec"), encodeSrec({ segments, entry: 0x08000101 })];
const elf = [vector("unit.elf")];
const pages = [
  text("<!DOCTYPE html>\n<html></html>\n"),
  text('{ "message": "Not Found" }'),
  text("PK\x03\x04\x14\0\0\0\x08\0"),
];

/** Where fuzzing starts, by target. */
export const SEEDS: Readonly<Record<string, readonly Uint8Array[]>> = {
  any: [...hex, ...srec, ...elf, ...dfuse, ...suffixed],
  recognise: [...hex, ...srec, ...elf, ...dfuse, ...suffixed, ...pages].flatMap((file) =>
    [0, 1, 3, 5, 7].map((first) => Uint8Array.from([first, ...file])),
  ),
  hex,
  srec,
  elf,
  dfuse,
  suffix: [...suffixed, ...dfuse],
  layout: [...layouts, text("@Opt /0x1FFF7800/01*040 e/0x1FFFF800/01*040 e")],
  descriptors: [configuration, device, name, Uint8Array.of(9, 0x21, 11, 255, 0, 0, 8, 26, 1)],
  ...READER_SEEDS,
};

/** Pieces that a random mutation would hardly find. */
export const WORDS: Readonly<Record<string, readonly Uint8Array[]>> = {
  hex: [":00000001FF\n", ":02000004FFFFFC\n", ":020000021000EC\n", "FF", "\r", "\x1a"].map(text),
  srec: ["S9030000FC\n", "S5030001FB\n", "S0030000FC\n", "S3", "S2", "\r"].map(text),
  dfuse: [text("DfuSe"), text("Target"), text("UFD")],
  suffix: [text("UFD\x10")],
  ...READER_WORDS,
  layout: ["/0x", ",", "*", "Kg", "Mg", "999999999", " ", "@"].map(text),
};
