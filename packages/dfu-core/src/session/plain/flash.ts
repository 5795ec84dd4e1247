import { DfuError } from "../../errors.ts";
import { layoutOf } from "../../identity/identify.ts";
import { budgetsFor } from "../../pacing/budgets.ts";
import { DfuState, DfuStatus } from "../../protocol/constants.ts";
import type { DeviceDescriptors, FunctionalDescriptor } from "../../protocol/descriptors.ts";
import { selectAlternate } from "../link/requests.ts";
import { busReset, openUnit, reenumerate, settle } from "../link/resync.ts";
import { cure, noRefusals, type Refusals, succeeded } from "../link/retry.ts";
import { Trouble } from "../link/trouble.ts";
import { finish } from "../machine/finish.ts";
import type { FlashReport, Phase } from "../machine/report.ts";
import {
  createRun,
  emit,
  enterPhase,
  incident,
  type Run,
  step,
  type Work,
} from "../machine/run.ts";
import type { PlainFlashOptions } from "./options.ts";
import { differsAt, downloadAll } from "./transfer.ts";

/** bmAttributes (USB DFU 1.1, table 4.2). */
const CAN_DOWNLOAD = 1;
const CAN_UPLOAD = 2;
/** Least time for a block, for the budget only. */
const BLOCK_MS = 50;
/** Times the whole image is sent because it read back wrong. */
const REWRITES = 2;

/**
 * One attempt at a device that speaks plain DFU 1.1: the whole image goes down, is manifested, and is read back by UPLOAD.
 * A device that cannot be read back never passes: it ends with `flash.unverified`. Never throws.
 */
export function* plainFlashMachine(
  options: PlainFlashOptions & { readonly descriptors: DeviceDescriptors },
): Work<FlashReport> {
  const run = createRun(options.descriptors, options.profile);
  return yield* finish(run, true, function* () {
    const functional = functionalOf(options.descriptors);
    const data = onePiece(options);
    run.device.identity = identityOf(options.descriptors, functional);
    run.budgets = budgetsFor(Math.ceil(data.length / run.device.transferSize) * BLOCK_MS);
    yield* emit(run, { event: "started", profile: run.link.profile.name });
    yield* openUnit(run);
    const readable = (functional.attributes & CAN_UPLOAD) !== 0;
    if (readable && options.knownDirty !== true) {
      enterPhase(run, "compare");
      if (yield* compareOnce(run, options, data)) return;
    }
    yield* step(run, { kind: "commit" });
    yield* flashUntilRight(run, options, data, readable);
  });
}

function functionalOf(descriptors: DeviceDescriptors): FunctionalDescriptor {
  const { functional, alternates } = descriptors;
  if (functional === undefined) {
    throw new DfuError("device.not_dfu", "the device has no DFU functional descriptor");
  }
  if (functional.dfuVersion === 0x011a && alternates.some(({ name }) => layoutOf(name))) {
    throw new DfuError(
      "usage.argument",
      "the device speaks DfuSe; plain DFU would miss its addresses",
    );
  }
  if ((functional.attributes & CAN_DOWNLOAD) === 0) {
    throw new DfuError("device.not_dfu", "the device says that it takes no download");
  }
  return functional;
}

function onePiece({ image }: PlainFlashOptions): Uint8Array {
  const [first] = image.segments;
  if (first === undefined) throw new DfuError("image.empty", "the image has no data");
  if (image.segments.length > 1) {
    throw new DfuError(
      "image.gap",
      `the image is in ${image.segments.length} pieces; plain DFU takes one, without addresses`,
    );
  }
  return first.data;
}

const identityOf = (
  { product, bcdDevice }: DeviceDescriptors,
  { dfuVersion, transferSize }: FunctionalDescriptor,
) => ({
  chip: product || "plain DFU device",
  match: "none" as const,
  evidence: [
    `bcdDevice ${bcdDevice.toString(16).padStart(4, "0")}`,
    `bcdDFUVersion ${dfuVersion.toString(16).padStart(4, "0")}`,
    `wTransferSize ${transferSize}`,
  ],
});

function* tell(run: Run, phase: Phase, done: number, total: number): Work<void> {
  const half = phase === "write" ? 0 : 0.5;
  yield* emit(run, {
    event: "progress",
    phase,
    doneBytes: done,
    totalBytes: total,
    fraction: phase === "compare" ? 0 : half + done / total / 2,
    remainingMs: undefined,
  });
}

const uploadOf = ({ alternate = 0 }: PlainFlashOptions) => ({
  what: "upload",
  address: 0,
  alternate,
});

/** The first byte that is not as in the image; undefined where there is none. */
function* readOnce(
  run: Run,
  phase: "compare" | "verify",
  data: Uint8Array,
  place: ReturnType<typeof uploadOf>,
  refusals: Refusals,
): Work<number | undefined> {
  yield* selectAlternate(run, place.alternate);
  const wrong = yield* differsAt(run, data, (bytes) => tell(run, phase, bytes, data.length));
  yield* succeeded(run, refusals, place);
  return wrong;
}

/** True when the device holds the image already. A device that refuses to be read before it was written is no failure. */
function* compareOnce(run: Run, options: PlainFlashOptions, data: Uint8Array): Work<boolean> {
  const refusals = noRefusals();
  const place = uploadOf(options);
  for (;;) {
    try {
      const wrong = yield* readOnce(run, "compare", data, place, refusals);
      if (wrong === undefined) run.tally.figures.bytes = data.length;
      return wrong === undefined;
    } catch (error) {
      const before = refusals.count;
      const stalled = error instanceof Trouble && error.code === "link.stall";
      if (stalled) {
        // A stalled UPLOAD is how a device says that there is nothing to read.
        const settled = yield* settle(run, 0);
        if (settled.kind === "idle") return false;
      }
      yield* cure(run, error, refusals, place);
      if (refusals.count > before) return false;
    }
  }
}

function* flashUntilRight(
  run: Run,
  options: PlainFlashOptions,
  data: Uint8Array,
  readable: boolean,
): Work<void> {
  const wrongAt: number[] = [];
  for (;;) {
    enterPhase(run, "write");
    yield* download(run, options, data);
    enterPhase(run, "verify");
    if (!readable) {
      throw new DfuError(
        "flash.unverified",
        `all ${data.length} bytes were taken; bmAttributes say that the device cannot be uploaded from`,
      );
    }
    const wrong = yield* verify(run, options, data);
    if (wrong === undefined) break;
    if (wrongAt.includes(wrong) || wrongAt.length >= REWRITES) {
      throw new DfuError(
        "flash.verify_mismatch",
        `offset ${wrong} reads back wrong after ${wrongAt.length + 1} downloads`,
        { address: wrong },
      );
    }
    wrongAt.push(wrong);
  }
  for (const offset of wrongAt) {
    yield* incident(run, "link.data_lost", `offset ${offset} read back wrong; sent again`, offset);
  }
  run.tally.figures.bytes = data.length;
}

/** The whole image; after any failure from its first block again. */
function* download(run: Run, options: PlainFlashOptions, data: Uint8Array): Work<void> {
  const refusals = noRefusals();
  const place = { what: "download", address: 0, alternate: options.alternate ?? 0 };
  let begun = run.tally.touched;
  for (;;) {
    let taken = 0;
    try {
      yield* selectAlternate(run, place.alternate);
      setTouched(run, true);
      const state = yield* downloadAll(run, data, function* (bytes) {
        taken = bytes;
        yield* tell(run, "write", bytes, data.length);
      });
      yield* succeeded(run, refusals, place);
      if (state === DfuState.ManifestWaitReset) yield* comeBack(run);
      return;
    } catch (error) {
      const refused = taken === 0 ? yield* firstBlockRefused(run, error) : undefined;
      begun ||= !TOOK_NOTHING.has(refused?.status ?? DfuStatus.Ok);
      setTouched(run, begun);
      yield* cure(run, refused ?? error, refusals, place);
    }
  }
}

function setTouched({ tally }: Run, touched: boolean): void {
  tally.touched = touched;
  tally.wrote = touched;
  // Such a device says nothing of when it starts what it holds.
  tally.startable = touched;
}

/**
 * Statuses that prove that a device took nothing of its first block: the file is not for it, or the request itself was refused (USB DFU
 * 1.1, section 6.1.2). errWRITE and errADDRESS do not: Zephyr's usb_dfu.c says errWRITE before it erased anything and after it erased all,
 * and the beginning of a block may be programmed before its end is out of range.
 */
const TOOK_NOTHING: ReadonlySet<number> = new Set([
  DfuStatus.ErrTarget,
  DfuStatus.ErrFile,
  DfuStatus.ErrStalledPacket,
]);

/**
 * The refusal of the first block, where the unit itself says that it refuses. A STALL that only a link made leaves the unit in
 * dfuIDLE; a unit that stalls is in dfuERROR with errSTALLEDPKT, and as it came from dfuIDLE it was not out of step.
 */
function* firstBlockRefused(run: Run, error: unknown): Work<Trouble | undefined> {
  if (!(error instanceof Trouble)) return undefined;
  if (error.status !== undefined) return error;
  if (error.code !== "link.stall") return undefined;
  const settled = yield* settle(run, 0);
  if (settled.kind !== "idle" || settled.status !== DfuStatus.ErrStalledPacket) return undefined;
  return new Trouble("flash.write_failed", `${error.message}; the unit says errSTALLEDPKT`, {
    executed: "unknown",
    status: settled.status,
  });
}

/** The device waits for a reset, or has left by itself (USB DFU 1.1, section 7). Without it back in DFU mode nothing is proven. */
function* comeBack(run: Run): Work<void> {
  yield* busReset(run, "test");
  try {
    yield* reenumerate(run, "asked");
  } catch (error) {
    if (!(error instanceof DfuError) || error.code !== "link.lost") throw error;
    throw new DfuError(
      "flash.unverified",
      "after manifestation the device did not come back in DFU mode, so it cannot be read",
      { cause: error },
    );
  }
  yield* openUnit(run);
}

function* verify(run: Run, options: PlainFlashOptions, data: Uint8Array): Work<number | undefined> {
  const refusals = noRefusals();
  const place = uploadOf(options);
  for (;;) {
    try {
      return yield* readOnce(run, "verify", data, place, refusals);
    } catch (error) {
      yield* cure(run, error, refusals, place);
    }
  }
}
