import { FlashlineError } from "@flashline/contract";
import type { AttachedUnit } from "@flashline/usb-host";
import type { Decisions } from "./decisions.ts";
import type { Grants } from "./granted.ts";

/** At a station where no badge decides anything. */
export const NO_DECISIONS: Decisions = {
  view: null,
  takes: () => false,
  decide: () => undefined,
  say: () => undefined,
};

/** At a station that flashes nothing without the server. */
export const NO_GRANTS: Pick<Grants, "ask" | "view" | "take"> = {
  view: null,
  ask: () => ({ kind: "none" }),
  take: () => Promise.reject(new FlashlineError("agent.offline")),
};

/** A virtual unit on a port. */
export const unitOn = (portPath: string): AttachedUnit => ({
  ...{ portPath, vendorId: 0x0483, productId: 0xdf11, bcdDevice: 0x2200, virtual: true },
  ...{ serial: "357B34843039", product: "STM32 BOOTLOADER", deviceNumber: 4 },
  host: {
    machine: "m",
    controller: { pciAddress: "p", vendorDevice: "1:2", driver: "d", kind: "virtual" },
    ...{ hubs: [], portPath, speed: "full", os: "Linux" },
  },
});
