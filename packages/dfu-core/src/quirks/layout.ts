import type { DeviceDescriptors } from "../protocol/descriptors.ts";
import { QUIRKS } from "./quirks.ts";

/** KiB by the third character of a GD32VF103's serial ("3CBJ"). */
const GD32_KIB: Readonly<Record<string, number>> = { B: 128, "8": 64, "6": 32, "4": 16 };

/** The descriptors with what is known to be wrong in them put right; the same object where nothing is. */
export function withQuirks(descriptors: DeviceDescriptors): DeviceDescriptors {
  const { vendorId, productId } = QUIRKS["gd32vf103-pages"];
  if (descriptors.vendorId !== vendorId || descriptors.productId !== productId) return descriptors;
  const pages = GD32_KIB[descriptors.serial[2] ?? ""];
  if (pages === undefined) return descriptors;
  const alternates = descriptors.alternates.map((alternate) =>
    /^@Internal Flash .*\/512\*0*2Kg$/.test(alternate.name)
      ? { ...alternate, name: `@Internal Flash  /0x08000000/${pages}*001Kg` }
      : alternate,
  );
  return { ...descriptors, alternates };
}
