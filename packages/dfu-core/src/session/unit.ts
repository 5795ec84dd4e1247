import { DfuError } from "../errors.ts";
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

const unfinished = (): Promise<never> =>
  Promise.reject(new DfuError("internal.bug", "not implemented yet"));

/** Flashes, verifies and seals one unit. Never rejects for a fault of the device or the link: every failure is a report with a code. */
export const flashUnit = (_options: UnitIo & FlashOptions): Promise<FlashReport> => unfinished();
/** Compares the unit with the image and writes nothing. */
export const verifyUnit = (_options: UnitIo & VerifyOptions): Promise<FlashReport> => unfinished();
export const readUnit = (_options: UnitIo & ReadOptions): Promise<ReadReport> => unfinished();
export const eraseUnit = (_options: UnitIo & EraseOptions): Promise<FlashReport> => unfinished();
/** Starts the application; the unit leaves the bus. */
export const leaveUnit = (_options: UnitIo & LeaveOptions): Promise<FlashReport> => unfinished();
export const unitInfo = (_options: UnitIo & ChipOptions): Promise<InfoReport> => unfinished();
