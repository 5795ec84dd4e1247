import { type FlashReport, readOptions, readUnit, type UnitInfo } from "@flashline/dfu-core";
import { defined } from "../defined.ts";
import type { Attempt } from "./attempt.ts";
import type { UnitOptions } from "./options.ts";

/** What can be told without changing anything. */
export interface ReadProtection {
  /**
   * `refused`: the unit refuses to be read, and a bad host may be why. `written`: the option bytes ask for it, and the flash can be
   * read: it is not in effect.
   */
  readonly state: "open" | "protected" | "written" | "refused" | "unknown";
  /** "level 0", where the option bytes show it. */
  readonly level?: string;
  readonly evidence: string;
}

/** RDP as the option bytes show it; undefined where the ROM does not show them, or no table knows them. */
interface Rdp {
  readonly level: string;
  readonly text: string;
}

/** One short read of the flash. */
interface Probe {
  readonly state: ReadProtection["state"];
  readonly text: string;
}

const PROBE_BYTES = 16;
/** With TrustZone, flash that is not secure can be read at this level (RM0438, unchecked). */
const HALF = "level 0.5";

/**
 * Both that can speak are asked: the option bytes, whose RDP says the level, and a short read of the flash. A unit that refuses is
 * asked as `unprotect` does it: twice, each time over a bus reset. A report that was cancelled where somebody wanted the end meanwhile.
 */
export async function readProtectionOf(
  { transport, clock, signal, stop }: Pick<Attempt, "transport" | "clock" | "signal" | "stop">,
  { chip, profile }: UnitOptions,
  { memories, unread }: UnitInfo,
): Promise<ReadProtection | FlashReport> {
  const io = { transport, clock, signal, stop, ...defined({ chip, profile }) };
  const askRdp = async (): Promise<Rdp | undefined | ReadProtection | FlashReport> => {
    const read = await readOptions(io);
    if (isCancelled(read)) return read;
    if (read.code?.startsWith("protection.")) return refusedBy(read.code, read.detail ?? "");
    const rdp = read.options?.values.find(({ name }) => name === "RDP");
    if (rdp?.meaning === undefined) return undefined;
    return { level: rdp.meaning, text: `RDP is 0x${rdp.value.toString(16).padStart(2, "0")}` };
  };
  const rdp = await askRdp();
  if (rdp !== undefined && !("text" in rdp)) return rdp;
  const address = memories.find(({ flashable }) => flashable)?.zones[0]?.address;
  if (address === undefined) {
    // Other memories that can be read prove nothing of the flash.
    const why = unread[0]?.why ?? "it names no flash";
    return { state: "unknown", evidence: [rdp?.text, why].filter(Boolean).join("; ") };
  }
  const read = await readUnit({ ...io, address, length: PROBE_BYTES });
  if (isCancelled(read)) return read;
  const probe = probeOf(read);
  const found = weigh(rdp, probe);
  if (found.state !== "written") return found;
  // A lost address reads from elsewhere: one answer of the option bytes alone is not held against the flash.
  const again = await askRdp();
  if (again !== undefined && "outcome" in again) return again;
  if (again !== undefined && "text" in again && again.text === rdp?.text) return found;
  return { state: "unknown", evidence: `${rdp?.text} once, and not again; ${probe.text}` };
}

const isCancelled = ({ code }: FlashReport): boolean => code === "attempt.cancelled";

function probeOf({ outcome, code, detail = "" }: Awaited<ReturnType<typeof readUnit>>): Probe {
  if (outcome === "PASS")
    return { state: "open", text: "the first bytes of its flash can be read" };
  const { state, evidence } = refusedBy(code, detail);
  return { state, text: evidence };
}

/** What the two say together; where they contradict each other the unit is not called protected (rule 15, docs/protocol.md). */
export function weigh(rdp: Rdp | undefined, probe: Probe): ReadProtection {
  if (rdp === undefined) return { state: probe.state, evidence: probe.text };
  const { level } = rdp;
  const evidence = `${rdp.text}; ${probe.text}`;
  const asked = level !== "level 0" && level !== HALF;
  if (probe.state === "open") return { state: asked ? "written" : "open", level, evidence };
  if (asked || probe.state === "unknown") return { state: probe.state, level, evidence };
  return { state: "refused", level, evidence };
}

const refusedBy = (code: string | undefined, evidence: string): ReadProtection => ({
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
  written: "written, and not in effect: the flash can be read. Switch the unit off and on",
  refused: "not proven; the unit refuses to be read, and the host may be why",
  unknown: "could not be told",
};

export function protectionText({ state, level }: ReadProtection): string {
  if (level === undefined || state === "unknown") return TEXT[state];
  if (level === HALF && state === "open") return `${level}, what is not secure can be read`;
  if (level === "level 2" && state === "protected") return "level 2, for ever";
  return `${level}, ${TEXT[state]}`;
}
