import { LinkError, LinkFault } from "@flashline/dfu-core/protocol";
import { linkErrorFrom } from "../errors.ts";
import { findOnPort } from "./device.ts";

/** How a hub switches the power of its ports: each by itself, all at once ("ganged"), or not at all. */
export type PowerSwitching = "each" | "all" | "none";

const GET_DESCRIPTOR = 6;
/** Types of hub descriptors: USB 2.0, table 11-13, and USB 3.0, table 10-3. */
const HUB = 0x29;
const SUPER_SPEED_HUB = 0x2a;
const TIMEOUT_MS = 2000;
const HEAD_BYTES = 7;

/**
 * Asks the hub on a port path, because the kernel does not tell. @throws LinkError when it is not there, may not be opened, or
 * is not a hub
 */
export async function readPowerSwitching(hub: string): Promise<PowerSwitching> {
  const device = await findOnPort(hub);
  try {
    await device.open();
    for (const type of [HUB, SUPER_SPEED_HUB]) {
      const reply = await device.nativeControlTransferIn(
        {
          requestType: "class",
          recipient: "device",
          request: GET_DESCRIPTOR,
          value: type << 8,
          index: 0,
        },
        TIMEOUT_MS,
        HEAD_BYTES,
      );
      if (reply !== null) return powerSwitchingIn(reply);
    }
  } catch (error) {
    throw linkErrorFrom(error, `hub ${hub}`);
  } finally {
    if (device.opened) await device.close().catch(() => undefined);
  }
  throw new LinkError(LinkFault.Io, `${hub} has no hub descriptor`);
}

/** wHubCharacteristics D1…D0: 00 ganged, 01 individual, 1X none (USB 2.0, table 11-13). */
export function powerSwitchingIn(descriptor: Uint8Array): PowerSwitching {
  const [length, type, , characteristics] = descriptor;
  if (characteristics === undefined || (type !== HUB && type !== SUPER_SPEED_HUB)) {
    throw new LinkError(LinkFault.Io, `not a hub descriptor: ${length} bytes of type ${type}`);
  }
  const mode = characteristics & 0x03;
  return mode === 0 ? "all" : mode === 1 ? "each" : "none";
}
