import { ST_DFU_PRODUCT_ID, ST_VENDOR_ID } from "@flashline/dfu-core/protocol";

/** Which devices count as units. `any` takes every DFU interface. */
export type UnitMatch = { readonly vendorId: number; readonly productId: number } | "any";

/** What a list of devices says of one. */
export interface Listed {
  readonly vendorId: number;
  readonly productId: number;
  readonly interfaces: readonly { readonly class: number; readonly subclass: number }[];
}

/** ST's ROM bootloader. */
const DEFAULT_MATCH: UnitMatch = { vendorId: ST_VENDOR_ID, productId: ST_DFU_PRODUCT_ID };
const DFU_CLASS = 0xfe;
const DFU_SUBCLASS = 1;

export const isDfu = (of: Listed["interfaces"][number]): boolean =>
  of.class === DFU_CLASS && of.subclass === DFU_SUBCLASS;

/** Tells the devices that count from the others. */
export function counting(match: UnitMatch = DEFAULT_MATCH): (device: Listed) => boolean {
  if (match === "any") return ({ interfaces }) => interfaces.some(isDfu);
  return ({ vendorId, productId }) => vendorId === match.vendorId && productId === match.productId;
}

const RUN_TIME_PROTOCOL = 1;

/** The one DFU interface is that of a running application (USB DFU 1.1, table 4.1). */
export function isRunTimeOnly(
  interfaces: readonly (Listed["interfaces"][number] & { readonly protocol: number })[],
): boolean {
  const own = interfaces.filter(isDfu);
  return own.length > 0 && own.every(({ protocol }) => protocol === RUN_TIME_PROTOCOL);
}
