import { DfuRequest, DfuSeCommand } from "./constants.ts";

/**
 * Whether an OUT request of DfuSe makes the device erase or program, once its GETSTATUS follows: a block of data, Erase, Read Unprotect
 * (AN3156, section 5). A block with the reserved wValue 1 counts: a device may take it for data. Plain DFU 1.1 has no commands; there
 * every block counts, number 0 as well.
 */
export const changesFlash = (request: number, value: number, data: Uint8Array): boolean =>
  request === DfuRequest.Dnload &&
  data.length > 0 &&
  (value !== 0 || data[0] === DfuSeCommand.Erase || data[0] === DfuSeCommand.ReadUnprotect);
