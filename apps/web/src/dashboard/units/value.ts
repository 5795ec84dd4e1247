import type { UnitDetail } from "@flashline/contract";

type Value = UnitDetail["values"][number];

const LARGEST_COUNTER = 0xffff_ffff;

/** A value in words. A number that no counter has is an address, which labels and tools show in hexadecimal. */
export function valueText({ value, source }: Pick<Value, "value" | "source">): string {
  if (value === null) return "given, secret";
  if (source !== "range" || Number(value) <= LARGEST_COUNTER) return value;
  return `0x${Number(value).toString(16).toUpperCase().padStart(12, "0")}`;
}
