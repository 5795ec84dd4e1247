import { type ChipIdentity, parseMemoryLayout } from "@flashline/dfu-core";
import type { AttachedUnit } from "@flashline/usb-host";
import { hex16, sizeText, table } from "../terminal/units.ts";

/** Size of the first memory; as it came where it cannot be read, empty where there is none. */
function memoryOf(unit: AttachedUnit): string {
  const [layout = ""] = unit.layouts ?? [];
  if (layout === "") return "";
  try {
    const { name, zones } = parseMemoryLayout(layout);
    const bytes = zones
      .flatMap((zone) => zone.sectors)
      .reduce((sum, { count, size }) => sum + count * size, 0);
    return `${name} ${sizeText(bytes)}`;
  } catch {
    return layout.replace(/\s+/g, " ").trim();
  }
}

function placeOf(unit: AttachedUnit): string {
  const { controller, hubs } = unit.host;
  const id = controller.vendorDevice === "" ? controller.pciAddress : controller.vendorDevice;
  const behind = hubs.map((hub) => `hub ${hub.vendorProduct}`);
  const words = [`${controller.driver} ${id}`, ...behind].join(" → ");
  return unit.virtual ? `${words} (virtual)` : words;
}

/** "STM32F407 (class matched)". */
export const chipText = ({ chip, match }: ChipIdentity): string =>
  `${chip} (${match === "none" ? "not recognised" : `${match} matched`})`;

/** Units in columns: port path, ids, serial, memory, and what lies between them and the PC. */
export const unitTable = (units: readonly AttachedUnit[]): string =>
  table(
    units.map((unit) => [
      unit.portPath,
      `${hex16(unit.vendorId)}:${hex16(unit.productId)}`,
      unit.serial === "" ? "no serial" : unit.serial,
      memoryOf(unit),
      placeOf(unit),
    ]),
  );
