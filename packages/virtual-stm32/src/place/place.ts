import { usage } from "../errors.ts";

/** Transaction translator of a hub: full-speed hubs have none. */
export type TranslatorKind = "none" | "single" | "multi";

/** One hub between the root port and the unit. */
export interface HubPlace {
  /** "05e3:0610" */
  readonly id: string;
  readonly tt: TranslatorKind;
}

/** Where a virtual unit is plugged in: what a fingerprint of a real host would show. */
export interface Place {
  /** Name of the line PC; empty when the reader's own machine is meant. */
  readonly machine: string;
  readonly controller: {
    /** PCI address, "0000:00:14.0". */
    readonly pci: string;
    /** PCI vendor and device, "1022:15b8". */
    readonly id: string;
    readonly driver: string;
  };
  /** From the root port to the unit. */
  readonly hubs: readonly HubPlace[];
  readonly defect?: ControllerDefect;
}

/**
 * The controller defect as data. Each packet of a control transfer may be missed with the same probability, so long transfers
 * fail more often. A hub in between makes a loss rarer. The time between transfers has no effect: software cannot change what
 * happens inside one. The figures are a choice, because none are published.
 */
export interface ControllerDefect {
  /** Probability that one packet (SETUP, 64 bytes of data, status) is missed, 0 to 1. */
  readonly lossPerPacket: number;
  /** The loss is multiplied by this when there is a hub; 0.02 by default, 1 for a hub that does not help. */
  readonly hubFactor?: number;
  /** Share of losses after which the unit hangs until a bus reset (default 0.04). */
  readonly wedgeShare?: number;
  /** Share of losses after which only a power cycle helps (default 0.004). */
  readonly fatalShare?: number;
  /**
   * A labelled experiment, off by default. A transfer that starts at least `afterMs` after the last one is lost `factor` times
   * as often. No published source says that real controllers behave like this.
   */
  readonly experimentGap?: { readonly afterMs: number; readonly factor: number };
}

/** A root port of an Intel controller without a known defect. */
export const DEFAULT_PLACE: Place = {
  machine: "",
  controller: { pci: "0000:00:14.0", id: "8086:a36d", driver: "xhci_hcd" },
  hubs: [],
};

/** The USB/IP path field holds 256 bytes with a NUL at the end. */
const LONGEST_PATH = 255;

/**
 * The device record's path: a sysfs path as a real server would send it, and the place as a query string.
 * @throws SimError usage.argument when it does not fit into the record
 */
export function placePath(place: Place, busId: string): string {
  const query = new URLSearchParams({
    virtual: "flashline",
    controller: place.controller.id,
    driver: place.controller.driver,
  });
  for (const hub of place.hubs) query.append("hub", `${hub.id},${hub.tt}`);
  if (place.machine !== "") query.set("machine", place.machine);
  const text = query.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
  const bus = busId.split("-")[0] ?? "1";
  const domain = place.controller.pci.slice(0, 7);
  const path = `/sys/devices/pci${domain}/${place.controller.pci}/usb${bus}/${busId}?${text}`;
  if (path.length > LONGEST_PATH) throw usage(`the place is too long for a device record: ${path}`);
  return path;
}
