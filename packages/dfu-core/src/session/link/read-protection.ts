import { DfuError, hex32 } from "../../errors.ts";
import { isOptionBytes, layoutOf } from "../../identity/identify.ts";
import { DfuStatus } from "../../protocol/constants.ts";
import type { Run, Work } from "../machine/run.ts";
import { readBlock } from "./blocks.ts";
import { setAddress } from "./commands.ts";
import { busReset, resync } from "./resync.ts";
import { getCommands } from "./shared-buffer.ts";
import { type OperationPlace, Trouble, troubleFrom } from "./trouble.ts";

const ROUNDS = 2;
/** In each round: a link that refuses every second answer falsely refuses all eight in one unit of 250. */
const PROBES = 4;
/** For two answers of the option bytes, over a link that fails now and then. */
const OPTION_TRIES = 4;
const PROBE_BYTES = 16;

/** `failed`: the unit gave no answer, which proves nothing. */
type Probe =
  | { readonly kind: "read"; readonly data: Uint8Array }
  | { readonly kind: "refused" }
  | { readonly kind: "failed" };

export interface ProtectionEvidence {
  readonly verdict: "open" | "proven" | "not_proven";
  readonly lines: readonly string[];
}

/**
 * The unit answered errVENDOR again and again. Throws `protection.read` or `protection.not_proven`; returns when the refusal
 * vanished after all.
 */
export function* judgeReadRefusal(run: Run, place: OperationPlace): Work<void> {
  const { verdict, lines } = yield* weighProtection(run, place);
  if (verdict === "open") return;
  throw new DfuError(
    verdict === "proven" ? "protection.read" : "protection.not_proven",
    `errVENDOR at ${hex32(place.address)}; ${lines.join("; ")}`,
    { address: place.address },
  );
}

/**
 * Read protection needs two pieces of evidence (rule 15, docs/protocol.md). The first is the refusal itself, in the unit's own words, each time
 * it is asked. A failed read is not evidence, and a unit that gave content since it arrived is not protected. The second is the RDP
 * byte where the family lets it be read, in two reads that agree. Where it does not, the control, over two bus resets: Get Commands
 * before and after each refusal and the SET_ADDRESS of each are executed, and the option bytes refused as well, as a protected ROM
 * does (AN2662, sections 4.4 and 4.5.2).
 */
export function* weighProtection(run: Run, place: OperationPlace): Work<ProtectionEvidence> {
  const lines: string[] = [];
  const wasRead = run.link.readable.has(place.alternate);
  if (wasRead) lines.push("it was read since the unit arrived");
  let refusals = 0;
  let controlled = true;
  for (let round = 0; round < ROUNDS; round += 1) {
    const reset = yield* busReset(run, "test");
    let refused = 0;
    let answered = yield* control(run);
    for (let probe = 0; probe < PROBES; probe += 1) {
      const read = yield* probeRead(run, place.alternate, place.address);
      if (read.kind === "read") return { verdict: "open", lines: ["the flash can be read"] };
      if (read.kind === "refused") refused += 1;
      answered = (yield* control(run)) && answered;
    }
    lines.push(
      `${reset ? "after a bus reset" : "no bus reset possible"}: ${refused} of ${PROBES} reads refused, Get Commands ` +
        (answered ? "answered before and after each" : "not answered each time"),
    );
    refusals += refused;
    controlled &&= reset && answered;
  }
  const { says, evidence } = yield* askOptionBytes(run);
  lines.push(evidence);
  const second =
    says === "nothing"
      ? controlled && !run.device.family.readProtection.readable
      : says === "protected";
  const proven = !wasRead && refusals === ROUNDS * PROBES && second;
  return { verdict: proven ? "proven" : "not_proven", lines };
}

/** Whether the unit answers Get Commands. */
function* control(run: Run): Work<boolean> {
  try {
    const commands = yield* getCommands(run);
    return commands.length > 0;
  } catch (error) {
    yield* resync(run, troubleFrom(error, "Get Commands", "unknown"));
    return false;
  }
}

function* probeRead(run: Run, alternate: number, address: number): Work<Probe> {
  let pointed = false;
  try {
    yield* setAddress(run, alternate, address);
    pointed = true;
    return { kind: "read", data: yield* readBlock(run, alternate, address, PROBE_BYTES) };
  } catch (error) {
    const trouble = error instanceof Trouble ? error : troubleFrom(error, "probe", "unknown");
    const { refused } = yield* resync(run, trouble);
    if (!pointed) return { kind: "failed" };
    const status = trouble.status ?? refused?.status;
    return { kind: status === DfuStatus.ErrVendor ? "refused" : "failed" };
  }
}

/** `nothing`: they are not shown, or refused like the flash. `unsure`: they gave no two answers that agree. */
interface OptionBytesSay {
  readonly says: "protected" | "open" | "nothing" | "unsure";
  readonly evidence: string;
}

/** A lost SET_ADDRESS reads from elsewhere, so one read alone is not believed. */
function* askOptionBytes(run: Run): Work<OptionBytesSay> {
  const { offset, open } = run.device.family.readProtection;
  const alternate = run.device.descriptors.alternates.find(({ name }) => isOptionBytes(name));
  const zone = alternate && layoutOf(alternate.name)?.zones[0];
  if (offset === undefined || alternate === undefined || zone === undefined) {
    return { says: "nothing", evidence: "no readable RDP byte is known for this family" };
  }
  const answers: (number | "refused")[] = [];
  for (let tries = 0; tries < OPTION_TRIES && answers.length < 2; tries += 1) {
    const probe = yield* probeRead(run, alternate.alternate, zone.address);
    if (probe.kind === "refused") answers.push("refused");
    const byte = probe.kind === "read" ? probe.data[offset] : undefined;
    if (byte !== undefined) answers.push(byte);
  }
  const [first, second] = answers;
  if (first === undefined || second === undefined) {
    return { says: "unsure", evidence: "the option bytes cannot be read" };
  }
  if (first !== second) {
    const evidence = `the RDP byte read ${hexOr(first)} and then ${hexOr(second)}`;
    return { says: "unsure", evidence };
  }
  if (first === "refused") return { says: "nothing", evidence: "the option bytes are refused too" };
  return {
    says: first === open ? "open" : "protected",
    evidence: `RDP byte ${hexOr(first)}, open is 0x${open.toString(16)}`,
  };
}

const hexOr = (answer: number | "refused"): string =>
  answer === "refused" ? answer : `0x${answer.toString(16).padStart(2, "0")}`;
