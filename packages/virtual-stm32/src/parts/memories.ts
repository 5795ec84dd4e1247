import type { ExtraMemory } from "./part.ts";

export const K = 1024;
/** Where the flash of every STM32 in the table starts. */
export const FLASH = 0x0800_0000;

export const options = (
  base: number,
  size: number,
  content: readonly number[] = [],
): ExtraMemory => ({ kind: "options", base, size, content });

export const otp = (base: number, size: number): ExtraMemory => ({ kind: "otp", base, size });

export const feature: ExtraMemory = { kind: "feature", base: 0xffff_0000, size: 4 };
