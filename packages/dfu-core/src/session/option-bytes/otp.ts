import { DfuError, hex32 } from "../../errors.ts";
import { layoutOf } from "../../identity/identify.ts";
import { writeTimes } from "../../pacing/budgets.ts";
import { FIRST_DATA_BLOCK } from "../../protocol/constants.ts";
import { type Seen, start } from "../guards/start.ts";
import { readBlock } from "../link/blocks.ts";
import { operate } from "../link/operate.ts";
import { toIdle } from "../link/requests.ts";
import { persist } from "../link/retry.ts";
import { finish } from "../machine/finish.ts";
import type { ChipOptions } from "../machine/options.ts";
import type { FlashReport } from "../machine/report.ts";
import { createRun, enterPhase, type Run, step, type Work } from "../machine/run.ts";

/** What a person types before one-time memory is written. */
export const OTP_CONFIRMATION = "otp";

/** What is written into one-time programmable memory. It can never be changed again. */
export interface WriteOtpOptions extends ChipOptions {
  readonly address: number;
  /** Whole granules, at most one block of the unit's wTransferSize. */
  readonly data: Uint8Array;
  /** {@link OTP_CONFIRMATION}, typed by a person. */
  readonly confirmed?: string;
}

/** The one-time memory to write, with its new content. */
interface OtpWrite {
  readonly alternate: number;
  readonly address: number;
  readonly data: Uint8Array;
}

/**
 * Writes one-time memory, only when forced by name. Bits go from 1 to 0 and never back: data that needs more is refused with
 * `options.otp` before anything is written. PASS when it reads back.
 */
export function* writeOtpMachine(options: WriteOtpOptions & Seen): Work<FlashReport> {
  const run = createRun(options.descriptors, options.profile);
  return yield* finish(run, true, function* () {
    if (options.confirmed !== OTP_CONFIRMATION) {
      throw new DfuError("usage.confirm", `this needs the confirmation ${OTP_CONFIRMATION}`);
    }
    const place = { ...options, alternate: otpAlternate(options) };
    yield* start(run, options);
    checkGranules(run, place);
    enterPhase(run, "options");
    const { arrivals } = run.link;
    let present = yield* readOtp(run, place);
    if (differs(present, place.data)) {
      checkBits(run, place, present);
      yield* step(run, { kind: "commit" });
      yield* program(run, place, arrivals);
      present = yield* readOtp(run, place);
      if (differs(present, place.data)) {
        if (run.link.arrivals !== arrivals) throw strange(place.address);
        throw new DfuError(
          "options.not_kept",
          `OTP at ${hex32(place.address)} reads back differently`,
        );
      }
    }
    run.tally.figures.bytes = place.data.length;
  });
}

function otpAlternate({ descriptors, address, data }: WriteOtpOptions & Seen): number {
  const zones = descriptors.alternates.flatMap(({ alternate, name }) =>
    (/otp/i.test(name) ? (layoutOf(name)?.zones ?? []) : []).map((zone) => {
      const size = zone.sectors.reduce((sum, part) => sum + part.count * part.size, 0);
      return { alternate, from: zone.address, end: zone.address + size };
    }),
  );
  const found = zones.find(({ from, end }) => address >= from && address < end);
  const where = found ?? { end: 0, alternate: 0 };
  if (address + data.length <= where.end) return where.alternate;
  throw new DfuError(
    "usage.range",
    found === undefined
      ? `${hex32(address)} is not in one-time memory`
      : `${data.length} bytes are too many: from ${hex32(address)} there are ${found.end - address} of one-time memory`,
    { address },
  );
}

function checkGranules(run: Run, { address, data }: OtpWrite): void {
  const { granule } = run.device.family;
  const whole = data.length > 0 && data.length % granule === 0 && address % granule === 0;
  if (whole && data.length <= run.device.transferSize) return;
  throw new DfuError(
    "usage.argument",
    `OTP is written in whole units of ${granule} bytes, at most ${run.device.transferSize} at once`,
  );
}

const differs = (present: Uint8Array, wanted: Uint8Array): boolean =>
  wanted.some((byte, index) => byte !== present[index]);

/** With ECC a unit is programmed once at all; without, bits that are 0 stay 0. */
function checkBits(run: Run, { address, data }: OtpWrite, present: Uint8Array): void {
  const { granule, ecc } = run.device.family;
  for (let at = 0; at < data.length; at += granule) {
    const old = present.subarray(at, at + granule);
    const wanted = data.subarray(at, at + granule);
    if (!differs(old, wanted)) continue;
    const used = old.some((byte) => byte !== 0xff);
    if ((ecc && used) || wanted.some((byte, index) => (byte & ~(old[index] ?? 0)) !== 0)) {
      throw new DfuError("options.otp", `${hex32(address + at)} is programmed already`);
    }
  }
}

const readOtp = (run: Run, { alternate, address, data }: OtpWrite): Work<Uint8Array> =>
  persist(run, { what: "read OTP", address, alternate }, () =>
    readBlock(run, alternate, address, data.length),
  );

/** Rule 14, docs/protocol.md. */
const strange = (address: number): DfuError =>
  new DfuError(
    "link.lost",
    `the unit left its port while one-time memory was written, and nothing tells it from another one: ${hex32(address)} is to be looked at again`,
    { address },
  );

/**
 * Leaves out units that hold their content already, so that a repetition after a failed transfer programs no unit twice. Refuses a
 * unit that a power cut left torn. The read right before the write leaves the present content in the bootloader's one buffer: if
 * the data is lost, that is what gets programmed. Only on the unit that was looked at: since then it did not leave its port.
 */
function* program(run: Run, place: OtpWrite, arrivals: number): Work<void> {
  const { granule } = run.device.family;
  for (let at = 0; at < place.data.length; at += granule) {
    const data = place.data.subarray(at, at + granule);
    const address = place.address + at;
    yield* persist(run, { what: "write OTP", address, alternate: place.alternate }, function* () {
      const present = yield* readBlock(run, place.alternate, address, granule);
      if (!differs(present, data)) return;
      checkBits(run, { ...place, address, data }, present);
      if (run.link.arrivals !== arrivals) throw strange(address);
      yield* toIdle(run);
      run.link.loseCursor();
      const times = writeTimes(run.device.family, granule);
      yield* operate(run, { what: "write OTP", block: FIRST_DATA_BLOCK, data, address, times });
    });
  }
}
