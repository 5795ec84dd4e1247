import { type ChipIdentity, DfuError, unitGeometry } from "@flashline/dfu-core";
import type { DeviceDescriptors } from "@flashline/dfu-core/protocol";
import type { AttachedUnit } from "@flashline/usb-host";
import { hex16, sizeText, table } from "../terminal/units.ts";

/** Size of the first memory; the raw string where it cannot be understood, empty where the unit has no memory. */
function memoryOf(unit: AttachedUnit): string {
  const layouts = unit.layouts ?? [];
  const [first = ""] = layouts;
  if (layouts.every((layout) => layout === "")) return "";
  try {
    const { memories, unread } = unitGeometry({ descriptors: descriptorsOf(unit, layouts) });
    const memory = memories.find(({ flashable }) => flashable);
    if (memory === undefined) return unread[0]?.why ?? "no flash";
    const bytes = memory.zones
      .flatMap(({ sectors }) => sectors)
      .reduce((sum, { count, size }) => sum + count * size, 0);
    const cut = first.endsWith(",") && layouts.length === 1;
    return `${memory.name} ${sizeText(bytes)}${cut ? " or more" : ""}`;
  } catch (error) {
    if (!(error instanceof DfuError)) throw error;
    return first.replace(/\s+/g, " ").trim();
  }
}

/** As far as a list tells without opening the unit: the transfer size, which only recognises a class, is not among it. */
const descriptorsOf = (unit: AttachedUnit, layouts: readonly string[]): DeviceDescriptors => ({
  ...unit,
  bcdUsb: 0,
  manufacturer: "",
  interfaceNumber: 0,
  alternates: layouts.map((name, alternate) => ({ alternate, protocol: 2, name })),
  functional: { attributes: 0, detachTimeoutMs: 0, transferSize: 0, dfuVersion: 0 },
});

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
      unit.runTime === true ? "run-time mode (dfu detach)" : memoryOf(unit),
      placeOf(unit),
    ]),
  );
