export {
  afterLook,
  idsText,
  type PortExpectation,
  type PortFinding,
  parsePortExpectation,
  seeOnPort,
} from "./after-leave.ts";
export { pcClock } from "./clock.ts";
export { type PortPower, portPower } from "./kernel/port-power.ts";
export { isPortConnected } from "./kernel/port-status.ts";
export { type KernelUnitsOptions, kernelUnits } from "./kernel/source.ts";
export {
  ControllerKind,
  type HostController,
  type HostFingerprint,
  type HostHub,
  UsbSpeed,
} from "./topology/fingerprint.ts";
export { hardwareIds, isOtherHardware } from "./topology/hardware.ts";
export { machineId } from "./topology/machine.ts";
export { isSamePlace, type PortPlace, portPlaceOf } from "./topology/port-place.ts";
export type { AttachedUnit, PortOccupant, UnitSource, UnitWatch } from "./units.ts";
export { type UsbIpUnitsOptions, usbIpUnits } from "./usbip/source.ts";
