import type { DeviceDescriptors } from "../protocol/descriptors.ts";
import { flashMachine } from "./flash/flash.ts";
import { drive } from "./machine/drive.ts";
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
} from "./machine/options.ts";
import type { FlashReport } from "./machine/report.ts";
import type { Work } from "./machine/run.ts";
import {
  type OptionsReport,
  readOptionsMachine,
  type UnprotectOptions,
  unprotectMachine,
  type WriteOptionsOptions,
  type WriteOtpOptions,
  writeOptionsMachine,
  writeOtpMachine,
} from "./option-bytes/index.ts";
import { type DetachOptions, detachMachine } from "./plain/detach.ts";
import { plainFlashMachine } from "./plain/flash.ts";
import type { PlainFlashOptions } from "./plain/options.ts";
import { type CheckOptions, checkMachine } from "./tools/check.ts";
import { eraseMachine } from "./tools/erase.ts";
import { infoMachine } from "./tools/info.ts";
import { leaveMachine } from "./tools/leave.ts";
import { readMachine } from "./tools/read.ts";
import { verifyMachine } from "./tools/verify.ts";

/** A machine with its transport. Rejects only for a listener that throws while it hears `finished`. */
const awaited =
  <O, T>(machine: (options: O & { readonly descriptors: DeviceDescriptors }) => Work<T>) =>
  (options: UnitIo & O): Promise<T> =>
    drive(
      machine({ ...options, descriptors: options.transport.descriptors }),
      options.transport,
      options.clock,
      {
        signal: options.signal,
        stop: options.stop,
        onEvent: options.onEvent,
        snapshots: options.snapshots,
      },
    );

/** Flashes, verifies and seals one unit. Never rejects for a fault of the device or the link: every failure is a report with a code. */
export const flashUnit: (options: UnitIo & FlashOptions) => Promise<FlashReport> =
  awaited(flashMachine);
/** Flashes a device that speaks plain DFU 1.1. PASS only when it was read back; see `flash.unverified`. */
export const flashPlainUnit: (options: UnitIo & PlainFlashOptions) => Promise<FlashReport> =
  awaited(plainFlashMachine);
/** Brings a device from its application into DFU mode; only when a person asked for it. PASS when it is on its port in that mode. */
export const detachUnit: (options: UnitIo & DetachOptions) => Promise<FlashReport> =
  awaited(detachMachine);
/** Asks what a flash would ask before its first erase, and writes nothing. */
export const checkUnit: (options: UnitIo & CheckOptions) => Promise<FlashReport> =
  awaited(checkMachine);
/** Compares the unit with the image and writes nothing. */
export const verifyUnit: (options: UnitIo & VerifyOptions) => Promise<FlashReport> =
  awaited(verifyMachine);
/** Reads a range of memory; the data is in the report on PASS only. */
export const readUnit: (options: UnitIo & ReadOptions) => Promise<ReadReport> =
  awaited(readMachine);
/** Erases sectors and reads them back blank; everything only when `mass` is true. */
export const eraseUnit: (options: UnitIo & EraseOptions) => Promise<FlashReport> =
  awaited(eraseMachine);
/** Starts the application; the unit leaves the bus. */
export const leaveUnit: (options: UnitIo & LeaveOptions) => Promise<FlashReport> =
  awaited(leaveMachine);
/** Asks a unit what it is. Changes nothing in its memories. */
export const unitInfo: (options: UnitIo & ChipOptions) => Promise<InfoReport> =
  awaited(infoMachine);
/** Reads the option bytes, and decodes them where a table knows them. */
export const readOptions: (options: UnitIo & ChipOptions) => Promise<OptionsReport> =
  awaited(readOptionsMachine);
/** Writes option bytes by name; what cannot be undone needs its named confirmation. PASS when they read back as wanted. */
export const writeOptions: (options: UnitIo & WriteOptionsOptions) => Promise<OptionsReport> =
  awaited(writeOptionsMachine);
/** Lifts proven read protection, which erases the flash. */
export const unprotectUnit: (options: UnitIo & UnprotectOptions) => Promise<FlashReport> =
  awaited(unprotectMachine);
/** Writes one-time memory, only when forced by name. */
export const writeOtp: (options: UnitIo & WriteOtpOptions) => Promise<FlashReport> =
  awaited(writeOtpMachine);
