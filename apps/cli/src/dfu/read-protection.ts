import { readOptions, readUnit, type UnitInfo } from "@flashline/dfu-core";
import { defined } from "../defined.ts";
import type { Attempt } from "./attempt.ts";
import type { UnitOptions } from "./options.ts";

/** What can be told without changing anything. */
export interface ReadProtection {
  /** `refused`: the unit refuses to be read, and a bad host may be why. */
  readonly state: "open" | "protected" | "refused" | "unknown";
  /** "level 0", where the option bytes show it. */
  readonly level?: string;
  readonly evidence: string;
}

const PROBE_BYTES = 16;

/**
 * Asks the option bytes, whose RDP says the level; where the ROM does not show them, or no table knows them, one short read of
 * the flash. A unit that refuses is asked as `unprotect` does it: twice, each time over a bus reset.
 */
export async function readProtectionOf(
  attempt: Attempt,
  { chip, profile }: UnitOptions,
  { memories }: UnitInfo,
): Promise<ReadProtection> {
  const io = { transport: attempt.transport, clock: attempt.clock, ...defined({ chip, profile }) };
  const read = await readOptions(io);
  if (read.code?.startsWith("protection.")) return refusedBy(read.code, read.detail ?? "");
  const rdp = read.options?.values.find(({ name }) => name === "RDP");
  if (rdp?.meaning !== undefined) {
    return {
      state: rdp.meaning === "level 0" ? "open" : "protected",
      level: rdp.meaning,
      evidence: `RDP is 0x${rdp.value.toString(16).padStart(2, "0")}`,
    };
  }
  const address = memories[0]?.zones[0]?.address;
  if (address === undefined) return { state: "unknown", evidence: "it names no memory" };
  const probe = await readUnit({ ...io, address, length: PROBE_BYTES });
  if (probe.outcome === "PASS")
    return { state: "open", evidence: "the first bytes of its flash can be read" };
  return refusedBy(probe.code ?? "", probe.detail ?? "");
}

const refusedBy = (code: string, evidence: string): ReadProtection => ({
  state:
    code === "protection.read"
      ? "protected"
      : code === "protection.not_proven"
        ? "refused"
        : "unknown",
  evidence,
});

const TEXT: Readonly<Record<ReadProtection["state"], string>> = {
  open: "none",
  protected: 'active; "flashline dfu unprotect" lifts it and erases the whole flash',
  refused: "not proven; the unit refuses to be read, and the host may be why",
  unknown: "could not be told",
};

export function protectionText({ state, level }: ReadProtection): string {
  if (level === "level 2") return "level 2, for ever";
  if (level === undefined || state === "unknown") return TEXT[state];
  return `${level}, ${TEXT[state]}`;
}
