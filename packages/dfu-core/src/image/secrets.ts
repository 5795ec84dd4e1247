import type { Image } from "./image.ts";

/** True when any of `length` bytes from `address` belongs to a per-unit secret; what shows or stores content asks first. */
export const isSecret = (image: Pick<Image, "secrets">, address: number, length = 1): boolean =>
  (image.secrets ?? []).some(
    (range) => address < range.address + range.length && range.address < address + length,
  );
