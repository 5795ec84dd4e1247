import type { AttachedUnit } from "@flashline/usb-host";
import { hex16 } from "../terminal/units.ts";

const flashOf = (unit: AttachedUnit): string =>
  (unit.layouts?.[0] ?? "").replace(/\s+/g, " ").trim();

function placeOf(unit: AttachedUnit): string {
  const { controller, hubs } = unit.host;
  const id = controller.vendorDevice === "" ? controller.pciAddress : controller.vendorDevice;
  const behind = hubs.map((hub) => hub.vendorProduct).join(" → ");
  return `${controller.driver} ${id}${behind === "" ? "" : ` behind hub ${behind}`}`;
}

/** One unit in one line: port path, ids, serial, memory, and what lies between it and the PC. */
export function describeUnit(unit: AttachedUnit): string {
  const ids = `${hex16(unit.vendorId)}:${hex16(unit.productId)}`;
  const serial = unit.serial === "" ? "no serial" : `serial ${unit.serial}`;
  const virtual = unit.virtual ? ", virtual" : "";
  return `  ${unit.portPath}  ${ids}  ${serial}  ${flashOf(unit)}  (${placeOf(unit)}${virtual})`;
}
