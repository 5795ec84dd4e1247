import { parseImage } from "@flashline/dfu-core";
import { type Part, partByName } from "@flashline/virtual-stm32";
import { firmware } from "../vm/harness/images.ts";

export const PART: Part = partByName("f407");
const { base } = PART.flash;

/** 384 KiB without a blank block: nothing can be left out for being empty. */
export const CONTENT = firmware(384 * 1024, 1);
export const IMAGE = parseImage(CONTENT, { address: base, format: "raw" });
const BYTES = CONTENT.length;

/** What a part holds before it is flashed. */
export const STATES = ["used", "blank", "unchanged"] as const;
export type PartState = (typeof STATES)[number];

const blank = new Uint8Array(1024 * 1024).fill(0xff);
const other = firmware(BYTES, 2);

export function prepare(
  flash: { load(address: number, data: Uint8Array): void },
  state: PartState,
): void {
  flash.load(base, blank);
  if (state === "used") flash.load(base, other);
  if (state === "unchanged") flash.load(base, CONTENT);
}

export const holdsImage = (flash: { snapshot(): Uint8Array }): boolean =>
  Buffer.compare(flash.snapshot().subarray(0, BYTES), CONTENT) === 0;
