import { hex32 } from "../errors.ts";
import type { AddressRange, Image, Segment } from "./image.ts";

/** The first two words of a Cortex-M vector table (ARMv7-M Architecture Reference Manual, B1.5.3). */
export interface VectorTable {
  /** Where the table begins. */
  readonly address: number;
  /** Initial stack pointer. */
  readonly stack: number;
  /** Address of the reset handler, with its Thumb bit. */
  readonly reset: number;
}

type Content = Pick<Image, "segments">;

/** Memory of all STM32 that a stack may end in: CCM at 0x10000000, SRAM from 0x20000000, D2 and D3 of the H7 up to 0x3fffffff. */
const RAM: AddressRange = { address: 0x1000_0000, length: 0x3000_0000 };
/** Memory that code starts from: flash at 0, at its ITCM alias and at 0x08000000. */
const CODE: AddressRange = { address: 0, length: 0x1000_0000 };
/** The flash shows itself at 0 too when it is what the unit starts from (RM0091, 2.5, and each family's manual). */
const FLASH = 0x0800_0000;
/** VTOR ignores the lowest seven bits at least (ARMv6-M, B3.2.5; ARMv7-M, B3.2.5). */
const ALIGNMENT = 128;
const WORD = 4;
/** Stack pointer, reset, NMI and HardFault: the words that every table fills. */
const FILLED_WORDS = 4;
/** The exceptions of the core, behind the stack pointer. */
const CORE_WORDS = 16;

const within = ({ address, length }: AddressRange, value: number): boolean =>
  value >= address && value < address + length;

function wordAt({ segments }: Content, address: number): number | undefined {
  const segment = segments.find(
    (part) => address >= part.address && address + WORD <= part.address + part.data.length,
  );
  if (segment === undefined) return undefined;
  const { data } = segment;
  return new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(
    address - segment.address,
    true,
  );
}

const isStack = (word: number): boolean =>
  word % WORD === 0 && word > RAM.address && word <= RAM.address + RAM.length;
const isHandler = (word: number): boolean => word % 2 === 1 && within(CODE, word);

/** True when the image has content at an address, or where the flash shows the same content at 0. */
function covers({ segments }: Content, address: number): boolean {
  const has = (wanted: number) =>
    segments.some((part) => within({ address: part.address, length: part.data.length }, wanted));
  return has(address) || has(address + FLASH);
}

/**
 * The two words at an address, when they are what a vector table begins with: a stack pointer in RAM and an odd reset vector
 * in code memory. It does not say that the table fits the address; see {@link vectorTableProblem}.
 */
export function vectorTableAt(image: Content, address: number): VectorTable | undefined {
  const stack = wordAt(image, address);
  const reset = wordAt(image, address + WORD);
  if (stack === undefined || reset === undefined) return undefined;
  return isStack(stack) && isHandler(reset) ? { address, stack, reset } : undefined;
}

/** True for raw content that begins with a vector table, wherever it goes. */
export const beginsWithVectorTable = (data: Uint8Array): boolean =>
  vectorTableAt({ segments: [{ address: 0, data }] }, 0) !== undefined;

const start = ({ segments }: Content): number => segments[0]?.address ?? 0;

/**
 * Why the application cannot start from the table at `address` (the image's lowest address when not given), as a clause;
 * undefined when stack pointer and reset vector fit. Two words cannot tell everything: a large image that is moved by
 * less than its length may still have its reset vector inside.
 */
export function vectorTableProblem(image: Content, address = start(image)): string | undefined {
  const stack = wordAt(image, address);
  const reset = wordAt(image, address + WORD);
  const at = hex32(address);
  if (stack === undefined || reset === undefined) {
    return `the image has no content at ${at}, where its vector table would be`;
  }
  if (!isStack(stack)) {
    return `there is no vector table at ${at}: the stack pointer would be ${hex32(stack)}, which is not in RAM`;
  }
  if (reset % 2 === 0) {
    return `there is no vector table at ${at}: the reset vector would be ${hex32(reset)}, which is not Thumb code`;
  }
  if (!covers(image, reset)) {
    return `the vector table at ${at} does not fit there: its reset vector is ${hex32(reset)}, where the image has no content; it may be linked for another address`;
  }
  const handlers = coreHandlers(image, address);
  const strange = handlers.filter((handler) => !covers(image, handler));
  if (handlers.length > 2 && strange.length * 2 > handlers.length) {
    return `the vector table at ${at} does not fit there: most of its handlers, as ${hex32(strange[0] ?? 0)}, are where the image has no content; it may be linked for another address`;
  }
  return undefined;
}

/** The core's exception handlers, those words of the table that are addresses of code in flash. */
function coreHandlers(image: Content, table: number): readonly number[] {
  const words = Array.from({ length: CORE_WORDS - 2 }, (_, index) =>
    wordAt(image, table + (index + 2) * WORD),
  );
  return words.filter(
    (word): word is number =>
      word !== undefined && word % 2 === 1 && within({ address: FLASH, length: 0x0100_0000 }, word),
  );
}

/**
 * The vector table that the application starts from: the first, by address, that fits its place. At the beginning of a
 * stretch of the image two words are enough; inside a stretch, behind other data, the table must be aligned as VTOR needs
 * and have its NMI and HardFault handlers too. Undefined when there is none.
 */
export function findVectorTable(image: Content): VectorTable | undefined {
  for (const segment of image.segments) {
    const found = tableAtStart(image, segment) ?? tableInside(image, segment);
    if (found !== undefined) return found;
  }
  return undefined;
}

function tableAtStart(image: Content, { address }: Segment): VectorTable | undefined {
  const table = vectorTableAt(image, address);
  return table !== undefined && vectorTableProblem(image, address) === undefined
    ? table
    : undefined;
}

function tableInside(image: Content, { address, data }: Segment): VectorTable | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const first = Math.ceil((address + 1) / ALIGNMENT) * ALIGNMENT - address;
  for (let at = first; at + FILLED_WORDS * WORD <= data.length; at += ALIGNMENT) {
    if (!isStack(view.getUint32(at, true))) continue;
    const handlers = [1, 2, 3].map((index) => view.getUint32(at + index * WORD, true));
    if (!handlers.every((word) => isHandler(word) && covers(image, word))) continue;
    return vectorTableAt(image, address + at);
  }
  return undefined;
}
