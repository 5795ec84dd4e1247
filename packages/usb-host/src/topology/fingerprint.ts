/**
 * How the host reaches a port. Hosts are compared by it. These are type aliases and no interfaces: they fit the open objects of
 * the contract, which keep fields that a later version adds.
 */
export type HostFingerprint = {
  /** Stable, pseudonymous id of the machine. */
  readonly machine: string;
  readonly controller: HostController;
  /** From the root port to the unit; empty when the unit sits on a root port. */
  readonly hubs: HostHub[];
  readonly portPath: string;
  readonly speed: UsbSpeed;
  /** Kernel name and release, "Linux 6.1.0-42-amd64". */
  readonly os: string;
};

/** The USB host controller that a port belongs to. */
export type HostController = {
  /** "0000:00:14.0", or the platform device's name ("xhci-hcd.0.auto", "vhci_hcd.0") where there is no PCI. */
  readonly pciAddress: string;
  /** "1022:15b8"; empty for a platform device. */
  readonly vendorDevice: string;
  readonly subsystem?: string;
  readonly revision?: string;
  /** The kernel driver, "xhci_hcd". */
  readonly driver: string;
  readonly kind: ControllerKind;
};

/** Host controllers by their register interface. */
export const ControllerKind = {
  Xhci: "xhci",
  Ehci: "ehci",
  Ohci: "ohci",
  Uhci: "uhci",
  /** vhci_hcd: a port of the kernel's USB/IP client. */
  Virtual: "virtual",
  Other: "other",
} as const;
export type ControllerKind = (typeof ControllerKind)[keyof typeof ControllerKind];

/** One hub between the root port and the unit. */
export type HostHub = {
  /** "05e3:0610". */
  readonly vendorProduct: string;
  /** Port of the parent that this hub is plugged into, from 1; 0 when it is not known. */
  readonly port: number;
  /** bDeviceProtocol of a high-speed hub: one transaction translator, or one a port (USB 2.0, 11.14.1.3 and 11.23.1). */
  readonly tt: "none" | "single" | "multi";
  readonly speed: UsbSpeed;
};

/** The speed of a device on its port, as the kernel tells it. */
export const UsbSpeed = {
  Low: "low",
  Full: "full",
  High: "high",
  Super: "super",
  SuperPlus: "superPlus",
  Unknown: "unknown",
} as const;
export type UsbSpeed = (typeof UsbSpeed)[keyof typeof UsbSpeed];
