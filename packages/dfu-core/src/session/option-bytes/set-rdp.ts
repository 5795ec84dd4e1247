import { DfuError } from "../../errors.ts";
import { encodeOptions, rdpLevel } from "../../options/codec.ts";
import { type OptionMemory, schemaOf } from "../../options/locate.ts";
import { RDP } from "../../options/schema.ts";
import { differences } from "../../options/values.ts";
import { flashGeometry } from "../../plan/geometry.ts";
import type { DeviceDescriptors } from "../../protocol/descriptors.ts";
import { LinkError, LinkFault } from "../../protocol/transport.ts";
import { readBlocks } from "../guards/read-options.ts";
import type { Seen } from "../guards/start.ts";
import { type ProtectionEvidence, weighProtection } from "../link/read-protection.ts";
import { getState } from "../link/requests.ts";
import { openUnit, reenumerate, switchPower } from "../link/resync.ts";
import { emit, type Run, step, type Work } from "../machine/run.ts";
import { sameStay, writeZone } from "./write.ts";

/** Time for a person to pull a plug and put it in again. */
const POWER_CYCLE_MS = 120_000;

/**
 * Writes RDP alone, after everything else. The unit must then refuse to be read; throws if it does not, or not yet. `arrivals`: of the unit
 * that was checked.
 */
export function* setProtection(
  run: Run,
  memory: OptionMemory,
  rdp: number,
  options: Seen & { readonly powerCycle?: boolean },
  arrivals: number,
): Work<void> {
  const schema = schemaOf(memory);
  const index = schema.registers.find(({ name }) =>
    schema.fields.some((field) => field.name === RDP && field.register === name),
  )?.zone;
  const zone = memory.zones[index ?? 0];
  if (zone === undefined) throw new DfuError("internal.bug", "no zone holds RDP");
  const before = yield* readBlocks(run, memory);
  sameStay(run, arrivals);
  const after = encodeOptions(schema, before, new Map([[RDP, rdp]]));
  const isWritten = differences(schema, before, new Map([[RDP, rdp]])).length === 0;
  const left =
    !isWritten && (yield* writeZone(run, memory.alternate, zone, after[index ?? 0], arrivals));
  const waits = schema.rdpNeedsPowerCycle && options.powerCycle !== true;
  const cycles = schema.rdpNeedsPowerCycle && options.powerCycle === true;
  if (rdpLevel(schema, rdp) === 2) {
    if (yield* staysAway(run, left)) return;
    yield* openUnit(run);
    // A unit that stays away proves level 2 only if the hub switched its power: a person may have left it unplugged.
    if (cycles && (yield* switchPower(run)).done && (yield* staysAway(run, true))) return;
    throw schema.rdpNeedsPowerCycle
      ? new DfuError("options.power_cycle", "RDP is written, and the bootloader still answers")
      : new DfuError("protection.not_set", "the unit's bootloader still answers");
  }
  if (!isWritten) {
    yield* reenumerate(run, "asked");
    yield* openUnit(run);
  }
  if (cycles) {
    yield* powerCycle(run);
    yield* reenumerate(run, "asked");
    yield* openUnit(run);
  }
  const evidence = yield* weighFlash(run, options.descriptors);
  if (evidence.verdict === "proven") return;
  const text = evidence.lines.join("; ");
  if (waits) {
    throw new DfuError("options.power_cycle", `RDP is written and not yet seen to work: ${text}`);
  }
  throw new DfuError(
    evidence.verdict === "open" ? "protection.not_set" : "protection.not_proven",
    text,
  );
}

/** The evidence for and against read protection, at the first flash sector. */
export function* weighFlash(run: Run, descriptors: DeviceDescriptors): Work<ProtectionEvidence> {
  const sector = flashGeometry({ descriptors }).find(({ flashable }) => flashable);
  if (sector === undefined) throw new DfuError("device.layout", "the unit shows no flash");
  const { address, alternate } = sector;
  return yield* weighProtection(run, { what: "read", address, alternate });
}

/** Level 2 has no bootloader: a unit that has left must not come back. */
function* staysAway(run: Run, left: boolean): Work<boolean> {
  if (!left) return false;
  try {
    yield* reenumerate(run, "asked");
    return false;
  } catch (error) {
    if (error instanceof DfuError && error.code === "link.lost") return true;
    throw error;
  }
}

/** Switches the unit's power by the hub if it can, else asks a person. Ends when the unit has left. */
function* powerCycle(run: Run): Work<void> {
  if ((yield* switchPower(run)).done) return;
  yield* emit(run, { event: "power-cycle", deadlineMs: POWER_CYCLE_MS });
  const begun = run.clock.now;
  while (run.clock.now - begun < POWER_CYCLE_MS) {
    yield* step(run, { kind: "wait", ms: 250 });
    if (yield* isGone(run)) return;
  }
  throw new DfuError(
    "options.power_cycle",
    `the unit was not unplugged within ${POWER_CYCLE_MS} ms`,
  );
}

function* isGone(run: Run): Work<boolean> {
  try {
    yield* getState(run);
    return false;
  } catch (error) {
    return error instanceof LinkError && error.fault === LinkFault.Gone;
  }
}
