import { DfuError, hex32 } from "../errors.ts";
import { isOptionBytes, layoutOf } from "../parts/identify.ts";
import { DfuStatus } from "../protocol/constants.ts";
import { getCommands, readBlock, setAddress } from "./blocks.ts";
import { busReset, resync } from "./resync.ts";
import type { Run, Work } from "./run.ts";
import { type Place, Trouble, troubleFrom } from "./trouble.ts";

const ROUNDS = 2;
const PROBE_BYTES = 16;

type Probe = "refused" | "read" | "failed";

export interface ProtectionEvidence {
  readonly verdict: "open" | "proven" | "not_proven";
  readonly lines: readonly string[];
}

/**
 * The unit answered errVENDOR again and again. Throws `protection.read` or `protection.not_proven`; returns when the refusal
 * vanished after all.
 */
export function* judgeReadRefusal(run: Run, place: Place): Work<void> {
  const { verdict, lines } = yield* weighProtection(run, place);
  if (verdict === "open") return;
  throw new DfuError(
    verdict === "proven" ? "protection.read" : "protection.not_proven",
    `errVENDOR at ${hex32(place.address)}; ${lines.join("; ")}`,
    { address: place.address },
  );
}

/**
 * Read protection needs two pieces of evidence (engine rule 15): the refusal itself over two bus resets, and the RDP byte
 * where the family lets it be read. Where it does not, the control: Get Commands before and after each refusal and the
 * SET_ADDRESS of each are executed, as a protected ROM does (AN2662, sections 4.4 and 4.5.2).
 */
export function* weighProtection(run: Run, place: Place): Work<ProtectionEvidence> {
  const lines: string[] = [];
  let controlled = true;
  for (let round = 0; round < ROUNDS; round += 1) {
    const reset = yield* busReset(run, "test");
    const before = yield* control(run);
    const probe = yield* probeRead(run, place.alternate, place.address);
    const after = yield* control(run);
    if (probe === "read") return { verdict: "open", lines: ["the flash can be read"] };
    lines.push(
      `${reset ? "after a bus reset" : "no bus reset possible"}: read ${probe}, Get Commands ${before} before and ${after} after`,
    );
    controlled &&= reset && probe === "refused" && before === "answered" && after === "answered";
  }
  const options = yield* readProtectionByte(run);
  lines.push(options.evidence);
  const proven = options.protected ?? (controlled && !run.family.readProtection.readable);
  return { verdict: proven ? "proven" : "not_proven", lines };
}

function* control(run: Run): Work<"answered" | "failed"> {
  try {
    const commands = yield* getCommands(run);
    return commands.length > 0 ? "answered" : "failed";
  } catch (error) {
    yield* resync(run, troubleFrom(error, "Get Commands", "unknown"));
    return "failed";
  }
}

function* probeRead(run: Run, alternate: number, address: number): Work<Probe> {
  let pointed = false;
  try {
    yield* setAddress(run, alternate, address);
    pointed = true;
    yield* readBlock(run, alternate, address, PROBE_BYTES);
    return "read";
  } catch (error) {
    const trouble = error instanceof Trouble ? error : troubleFrom(error, "probe", "unknown");
    const { refused } = yield* resync(run, trouble);
    if (!pointed) return "failed";
    const status = trouble.status ?? refused?.status;
    return status === DfuStatus.ErrVendor ? "refused" : "failed";
  }
}

/** What the RDP byte says; `protected` is undefined where it cannot be read or the family's place for it is not known. */
function* readProtectionByte(
  run: Run,
): Work<{ readonly protected: boolean | undefined; readonly evidence: string }> {
  const { offset, open } = run.family.readProtection;
  const alternate = run.descriptors.alternates.find(({ name }) => isOptionBytes(name));
  const zone = alternate && layoutOf(alternate.name)?.zones[0];
  if (offset === undefined || alternate === undefined || zone === undefined) {
    return { protected: undefined, evidence: "no readable RDP byte is known for this family" };
  }
  try {
    const bytes = yield* readBlock(run, alternate.alternate, zone.address, PROBE_BYTES);
    const byte = bytes[offset];
    if (byte === undefined) return { protected: undefined, evidence: "option bytes too short" };
    const text = `0x${byte.toString(16).padStart(2, "0")}`;
    return {
      protected: byte !== open,
      evidence: `RDP byte ${text}, open is 0x${open.toString(16)}`,
    };
  } catch (error) {
    const trouble =
      error instanceof Trouble ? error : troubleFrom(error, "option bytes", "unknown");
    yield* resync(run, trouble);
    return { protected: undefined, evidence: "the option bytes cannot be read" };
  }
}
