import { encodeDfuse, parseImage } from "../image/index.ts";
import { PROFILES } from "../pacing/profiles.ts";
import type { FlashPlan } from "../plan/plan.ts";
import { type PlanOptions, planFlash } from "../plan/plan-flash.ts";
import type { DeviceDescriptors } from "../protocol/descriptors.ts";

/** A ROM bootloader with these alternates. */
export const rom = (names: readonly string[], transferSize = 2048): DeviceDescriptors => ({
  vendorId: 0x0483,
  productId: 0xdf11,
  bcdUsb: 0x0100,
  bcdDevice: 0x2200,
  manufacturer: "STMicroelectronics",
  product: "STM32  BOOTLOADER",
  serial: "1",
  interfaceNumber: 0,
  alternates: names.map((name, alternate) => ({ alternate, protocol: 2, name })),
  functional: { attributes: 0x0b, detachTimeoutMs: 255, transferSize, dfuVersion: 0x011a },
});

/** Parts of an image as [address, length], filled with ones. */
export const imageAt = (...parts: readonly (readonly [number, number])[]) =>
  parseImage(
    encodeDfuse(
      parts.map(([address, length]) => ({ address, data: new Uint8Array(length).fill(1) })),
    ),
  );

export const planOf = (
  options: Partial<PlanOptions> & Pick<PlanOptions, "descriptors" | "image">,
): FlashPlan => planFlash({ profile: PROFILES.standard, ...options });
