import { type Image, parseImage } from "@flashline/dfu-core";
import {
  createVirtualUnit,
  type Part,
  partByName,
  type VirtualUnit,
} from "@flashline/virtual-stm32";
import { MachineError } from "../vm/harness/cache.ts";
import { firmware } from "../vm/harness/images.ts";

export const PART: Part = partByName("f407");
const { base } = PART.flash;

/** 384 KiB without a blank block: nothing can be left out for being empty. */
export const CONTENT = firmware(384 * 1024, 1);
const BYTES = CONTENT.length;

/** One part with the image that it gets. */
export interface Subject {
  readonly name: string;
  readonly kib: number;
  readonly part: Part;
  readonly content: Uint8Array;
  readonly image: Image;
}

export function subjectOf(name: string, kib: number): Subject {
  const part = partByName(name);
  const content = firmware(kib * 1024, 1);
  const image = parseImage(content, { address: part.flash.base, format: "raw" });
  return { name, kib, part, content, image };
}

/** A unit that nobody has used yet, in the given state. */
export function freshUnit(
  { part, content }: Subject,
  state: PartState,
  clock: VirtualUnit["clock"],
): VirtualUnit {
  const unit = createVirtualUnit({ part, clock, timing: "typical" });
  const before = { used: firmware(content.length, 2), unchanged: content, blank: undefined }[state];
  if (before !== undefined) unit.flash.load(part.flash.base, before);
  return unit;
}

/** @throws MachineError when the unit does not hold the image at the end */
export function expectImage(unit: VirtualUnit, { name, content }: Subject): void {
  const held = unit.flash.snapshot().subarray(0, content.length);
  if (Buffer.compare(held, content) !== 0) throw new MachineError(`${name}: not flashed`);
}

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
