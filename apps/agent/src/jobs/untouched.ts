import type { NestRefusal } from "@flashline/contract";
import { codeOfFault, DfuError } from "@flashline/dfu-core";
import { LinkError, LinkFault } from "@flashline/dfu-core/protocol";
import { refusalFrom, refusalOf } from "../server/refusal.ts";

/** Why an attempt ended before its first erase. */
export function untouchedRefusal(error: unknown, ended: AbortSignal): NestRefusal {
  if (ended.aborted) return refusalOf(ended.reason);
  if (error instanceof DfuError) return refusalFrom(error.code, error.message);
  if (error instanceof LinkError) {
    const gone = error.fault === LinkFault.Gone;
    return refusalFrom(gone ? "device.not_found" : codeOfFault(error.fault), error.message);
  }
  return refusalOf(error);
}
