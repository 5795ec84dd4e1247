export type { Timing } from "./bootloader/bootloader.ts";
export type { OperationFault } from "./bootloader/execution.ts";
export type { Counters } from "./bootloader/journal.ts";
export { CLEARERS, type Clearer } from "./bootloader/state.ts";
export { realClock, scaledClock } from "./clock/real-clock.ts";
export { VirtualClock } from "./clock/virtual-clock.ts";
export { SimError, type SimErrorCode } from "./errors.ts";
export {
  type Fault,
  nth,
  probability,
  type Trigger,
  type WireLoss,
} from "./faults/fault.ts";
export { FAULT_NAMES, type FaultSpec, parseFault } from "./faults/parse.ts";
export type { ProgramResult } from "./flash/nor-flash.ts";
export { NorFlash } from "./flash/nor-flash.ts";
export {
  definePart,
  type ExtraMemory,
  FAMILY_NAMES,
  type FamilyName,
  type FamilyRules,
  family,
  LIBRARY,
  PARTS,
  type Part,
  type PartDefinition,
  PRODUCTS,
  partByName,
  ROM,
  type RomTraits,
  SecondProgram,
  type SectorRun,
  type UsbIdentity,
} from "./parts/index.ts";
export {
  type ControllerDefect,
  DEFAULT_PLACE,
  type HubPlace,
  type Place,
  type TranslatorKind,
} from "./place/place.ts";
export {
  PlainDevice,
  type PlainDeviceOptions,
  type PlainFault,
} from "./plain-dfu/plain-device.ts";
export { RunTimeDevice, type RunTimeDeviceOptions } from "./plain-dfu/run-time-device.ts";
export { createSimulator, type Simulator, type SimulatorOptions } from "./simulator/simulator.ts";
export { attachInProcess, type InProcessOptions } from "./transport/in-process.ts";
export type { ApplicationSerial, ShownApplication } from "./unit/application-device.ts";
export type { VirtualUnitOptions } from "./unit/options.ts";
export {
  createVirtualUnit,
  type TransferListener,
  type UnitMode,
  VirtualUnit,
} from "./unit/virtual-unit.ts";
export type { ControlReply, SetupPacket } from "./usb/setup.ts";
export { serveUsbIp, type UsbIpOptions } from "./usbip/server.ts";
export { serveUsbRedir, type UsbRedirOptions } from "./usbredir/server.ts";
export type { WireServer } from "./wire/listen.ts";
