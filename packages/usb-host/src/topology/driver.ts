import { ControllerKind } from "./fingerprint.ts";

/** From the kernel driver's name: "xhci_hcd", "xhci-hcd" (platform), "ehci-pci", "vhci_hcd" … */
export function controllerKind(driver: string): ControllerKind {
  const name = driver.toLowerCase();
  if (name.startsWith("vhci")) return ControllerKind.Virtual;
  for (const kind of ["xhci", "ehci", "ohci", "uhci"] as const) {
    if (name.startsWith(kind)) return kind;
  }
  return ControllerKind.Other;
}
