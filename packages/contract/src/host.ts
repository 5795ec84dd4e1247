import { z } from "zod";

/** Transaction translators that a hub may have (USB 2.0, 11.14.1.3 and 11.23.1). */
export const HUB_TTS = ["none", "single", "multi"] as const;
/** Host controllers by their register interface; `virtual` is the kernel's USB/IP client. */
export const CONTROLLER_KINDS = ["xhci", "ehci", "ohci", "uhci", "virtual", "other"] as const;

/** A hub between root port and unit. Open: fields that a newer agent adds are kept. */
export const HubLink = z.looseObject({
  vendorProduct: z.string(),
  /** Port of the parent that this hub is plugged into. */
  port: z.number().int(),
  /** Transaction translators: one of {@link HUB_TTS}, or what a newer agent calls them. */
  tt: z.string(),
  speed: z.string(),
});

/** Where a unit was plugged in, as far as the operating system tells. A virtual unit's place comes with its device record. */
export const HostFingerprint = z.looseObject({
  /** Stable id of the line PC. */
  machine: z.string().min(1).max(200),
  controller: z.looseObject({
    /** "0000:00:14.0"; a platform device's name where there is no PCI. */
    pciAddress: z.string(),
    /** "1022:15b8"; empty where there is no PCI. */
    vendorDevice: z.string(),
    subsystem: z.string().optional(),
    revision: z.string().optional(),
    driver: z.string(),
    /** One of {@link CONTROLLER_KINDS}, or what a newer agent knows: no result is refused for where it comes from. */
    kind: z.string(),
  }),
  /** From the root port down; empty when the unit sits on the controller itself. */
  hubs: z.array(HubLink),
  /** The kernel's port path, "3-1.2". */
  portPath: z.string(),
  /** "low", "full", "high", "super". */
  speed: z.string(),
  os: z.string(),
});
export type HostFingerprint = z.infer<typeof HostFingerprint>;

/**
 * What the verdict judges: machine and controller together. Ports and hubs are told in the evidence; splitting by them
 * would leave too few attempts a host.
 */
export function hostKey(host: HostFingerprint): string {
  return `${host.machine}|${host.controller.pciAddress}|${host.controller.vendorDevice}`;
}
