import { type AttachedUnit, isSamePlace, portPlaceOf, type UnitSource } from "@flashline/usb-host";
import type { TaughtNest } from "./taught-nests.ts";

/**
 * The nests with their ports as the kernel names them now; the same array when nothing has another name. A place that cannot be found
 * stands in the port path by its own name, which is no port's: what the kernel named so once may be another port by now.
 */
export function portsNow(
  nests: readonly TaughtNest[],
  units: readonly AttachedUnit[],
  portAt: UnitSource["portAt"],
): readonly TaughtNest[] {
  const now = nests.map((nest) => {
    const portPath = portPathOf(nest, units, portAt);
    return portPath === nest.portPath ? nest : { ...nest, portPath };
  });
  return now.every((nest, at) => nest === nests[at]) ? nests : now;
}

function portPathOf(
  { place, portPath }: TaughtNest,
  units: readonly AttachedUnit[],
  portAt: UnitSource["portAt"],
): string {
  if (place === null) return portPath;
  const lost = `${place.controller}-${place.ports}`;
  if (portAt !== undefined) return portAt(place) ?? lost;
  const there = units.filter((unit) => isSamePlace(portPlaceOf(unit), place));
  // Two ports of one place are none that anybody could be sure of: the name decides.
  if (there.some((unit) => unit.portPath === portPath)) return portPath;
  const [only] = there;
  if (only !== undefined && there.length === 1) return only.portPath;
  return units.some((unit) => unit.portPath === portPath) ? lost : portPath;
}
