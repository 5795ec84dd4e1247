import type { OperationFault } from "./execution.ts";
import type { Access } from "./memory-access.ts";
import type { Operation } from "./operation.ts";

/** What the bootloader asks of the board around it. */
export interface Board {
  access(): Access;
  /** The alternate setting that the host chose. */
  alternate(): number;
  faultOf(operation: Operation): OperationFault;
  falseUploadStatus(): number | undefined;
  /** GETSTATUS after the leave request is not answered. */
  leavesSilently(): boolean;
  /** Power is gone in mid-operation; back after so many ms, or not by itself. */
  powerLost(backAfterMs: number | undefined): void;
  /** The core faulted or was reset; it comes back as a bootloader, after so many ms or the usual time. */
  rebooted(backAfterMs?: number): void;
  /** The bootloader jumps through the vector at `pointer`. */
  left(pointer: number): void;
}
