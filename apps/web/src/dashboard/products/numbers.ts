import type { RangeView } from "@flashline/contract";

/** A whole number, or one in hexadecimal with "0x" before it: as the contract takes it. */
export const isNumber = (text: string): boolean =>
  /^(\d{1,16}|0x[0-9a-f]{1,13})$/i.test(text.trim());

/** A number for the contract: hexadecimal as text. */
export const numberOf = (text: string): number | string =>
  /^0x/i.test(text.trim()) ? text.trim() : Number(text.trim());

/** "70:B3:D5:12:30:00" of an address, "1,204" of a number. */
export function numberText(kind: string, value: number): string {
  if (kind !== "mac") return String(value);
  const digits = value.toString(16).toUpperCase().padStart(12, "0");
  return digits.match(/../g)?.join(":") ?? digits;
}

/** 0 … 1 of the range that no unit has yet. */
export const shareLeft = ({ first, last, left }: RangeView): number =>
  Math.min(1, Math.max(0, left / (last - first + 1)));
