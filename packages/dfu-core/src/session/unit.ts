import type { DeviceDescriptors } from "../protocol/descriptors.ts";
import { drive } from "./drive.ts";
import { flashMachine } from "./flash.ts";
import type {
  ChipOptions,
  EraseOptions,
  FlashOptions,
  InfoReport,
  LeaveOptions,
  ReadOptions,
  ReadReport,
  UnitIo,
  VerifyOptions,
} from "./options.ts";
import type { FlashReport } from "./report.ts";
import type { Work } from "./run.ts";
import { eraseMachine, infoMachine, leaveMachine, readMachine, verifyMachine } from "./tools.ts";

/** A machine with its transport. Rejects only for a listener that throws while it hears `finished`. */
const awaited =
  <O, T>(machine: (options: O & { readonly descriptors: DeviceDescriptors }) => Work<T>) =>
  (options: UnitIo & O): Promise<T> =>
    drive(
      machine({ ...options, descriptors: options.transport.descriptors }),
      options.transport,
      options.clock,
      { signal: options.signal, onEvent: options.onEvent, snapshots: options.snapshots },
    );

/** Flashes, verifies and seals one unit. Never rejects for a fault of the device or the link: every failure is a report with a code. */
export const flashUnit: (options: UnitIo & FlashOptions) => Promise<FlashReport> =
  awaited(flashMachine);
/** Compares the unit with the image and writes nothing. */
export const verifyUnit: (options: UnitIo & VerifyOptions) => Promise<FlashReport> =
  awaited(verifyMachine);
export const readUnit: (options: UnitIo & ReadOptions) => Promise<ReadReport> =
  awaited(readMachine);
/** Erases sectors and reads them back blank; a mass erase only when `mass` is true, and it is not read back. */
export const eraseUnit: (options: UnitIo & EraseOptions) => Promise<FlashReport> =
  awaited(eraseMachine);
/** Starts the application; the unit leaves the bus. */
export const leaveUnit: (options: UnitIo & LeaveOptions) => Promise<FlashReport> =
  awaited(leaveMachine);
export const unitInfo: (options: UnitIo & ChipOptions) => Promise<InfoReport> =
  awaited(infoMachine);
