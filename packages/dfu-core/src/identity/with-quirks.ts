import type { DeviceDescriptors } from "../protocol/descriptors.ts";
import { QUIRKS } from "../quirks/quirks.ts";

/** KiB by the third character of a GD32VF103's serial ("3CBJ"). */
const GD32_KIB: Readonly<Record<string, number>> = { B: 128, "8": 64, "6": 32, "4": 16 };

/** The descriptors with what is known to be wrong in them put right; the same object where nothing is. */
export const withQuirks = (descriptors: DeviceDescriptors): DeviceDescriptors =>
  withWholeStrings(withRightPages(descriptors));

/** One bank of F42x, at the end of a string that was cut there; F407 shows the same, without a second bank's option bytes. */
const ONE_BANK = /^@Internal Flash +\/0x08000000\/04\*016Kg,01\*064Kg,07\*128Kg,?$/;

function withWholeStrings(descriptors: DeviceDescriptors): DeviceDescriptors {
  const second = QUIRKS["truncated-strings"].secondOptionBytes.toString(16);
  const twoBanks = descriptors.alternates.some(({ name }) =>
    name.toLowerCase().includes(`/0x${second}/`),
  );
  if (!twoBanks || !descriptors.alternates.some(({ name }) => ONE_BANK.test(name))) {
    return descriptors;
  }
  const alternates = descriptors.alternates.map((alternate) => {
    if (!ONE_BANK.test(alternate.name)) return alternate;
    const bank = alternate.name.replace(/,$/, "");
    const { cut: _, ...whole } = alternate;
    return { ...whole, name: `${bank},${bank.split("/").at(-1)}` };
  });
  return { ...descriptors, alternates };
}

function withRightPages(descriptors: DeviceDescriptors): DeviceDescriptors {
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
