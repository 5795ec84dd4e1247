import { hex32 } from "../../errors.ts";
import type { Content } from "../../plan/content.ts";
import { DfuSeCommand } from "../../protocol/constants.ts";
import { countFailure, incident, type Run, type Work } from "../machine/run.ts";
import { consistsOf, equalBytes } from "./bytes.ts";

const COMMAND_BYTES = 5;

/**
 * Whether a block that reads back wrong holds what lay in the unit's buffer before it: the SETUP of a DNLOAD stores block and length,
 * and where its data stage is lost the next GETSTATUS programs the old content (ST's usbd_dfu.c). That is either
 * the SET_ADDRESS of this very block, or the block before. No cell fails like that: it proves that the link lost the data.
 */
export function isStaleBuffer(
  run: Run,
  content: Content,
  address: number,
  got: Uint8Array,
): boolean {
  if (!run.tally.touched || got.length < COMMAND_BYTES) return false;
  if (holdsSetAddress(run, address, got)) return true;
  // Written with the device's own block length; read perhaps with a gentler profile's.
  return [run.device.transferSize, got.length].some((length) => {
    const before = content.read(address - length, got.length);
    return equalBytes(got, before) && !consistsOf(before, run.device.family.erasedValue);
  });
}

/** Whether the SET_ADDRESS of a block that starts at `address` lies there in the place of its data. */
export function holdsSetAddress(run: Run, address: number, got: Uint8Array): boolean {
  if (!run.tally.touched || got.length < COMMAND_BYTES) return false;
  const head = new DataView(got.buffer, got.byteOffset, COMMAND_BYTES);
  return head.getUint8(0) === DfuSeCommand.SetAddress && head.getUint32(1, true) === address;
}

/** `why` of a block that {@link isStaleBuffer}. */
export const STALE = "holds what lay in the unit's buffer before: the data of its DNLOAD was lost";

/** A proven loss counts against the link at once, whatever becomes of the sector. `why` goes on after the address. */
export function* reportLostData(run: Run, address: number, why: string): Work<void> {
  yield* incident(run, "link.data_lost", `${hex32(address)} ${why}`, address);
  const { row } = run.link;
  yield* countFailure(run, "link.data_lost");
  // The link carried every transfer since then.
  run.link.setRow(row);
}

/** Whether this attempt has proof that its link loses data. */
export const losesData = (run: Run): boolean =>
  run.tally.incidents.some(({ code }) => code === "link.data_lost");

/**
 * Whether the link failed so far, but for units that left their port. What is wrong twice may then be the link's doing twice. A unit also
 * leaves where its flash cannot be read.
 */
export const hasLosses = ({ link: { lost, failuresOnPort } }: Run): boolean =>
  lost + failuresOnPort > 0;

/** Losses explain what has at least this chance to happen anywhere in a run. */
const UNLIKELY = 1e-5;

/**
 * Whether losses alone may make one place wrong so many times in a row. The share of data stages that are lost is what the run has
 * seen: every failure of the link counts, and every block and erase that proved lost.
 */
export function lossExplains(run: Run, times: number): boolean {
  const { dataStages, lost, failuresOnPort } = run.link;
  if (!hasLosses(run)) return false;
  const share = Math.min(1, (lost + failuresOnPort + 1) / Math.max(1, dataStages));
  return dataStages * share ** times > UNLIKELY;
}
