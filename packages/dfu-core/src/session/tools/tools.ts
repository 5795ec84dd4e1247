import { DfuError, hex32 } from "../../errors.ts";
import { budgetsFor } from "../../pacing/budgets.ts";
import { contentOf, partsWithin } from "../../plan/content.ts";
import { outsideError, sectorAt, unitGeometry } from "../../plan/geometry.ts";
import { meantSector } from "../../plan/overlap.ts";
import { planFlash } from "../../plan/plan-flash.ts";
import { type Seen, start } from "../guards/start.ts";
import { leave } from "../link/leave.ts";
import { getStatus, toIdle } from "../link/requests.ts";
import { persist } from "../link/retry.ts";
import { getCommands } from "../link/shared-buffer.ts";
import { finish } from "../machine/finish.ts";
import type {
  ChipOptions,
  InfoReport,
  LeaveOptions,
  ReadOptions,
  ReadReport,
  UnitInfo,
  VerifyOptions,
} from "../machine/options.ts";
import { progressOf } from "../machine/progress.ts";
import type { FlashReport } from "../machine/report.ts";
import { createRun, enterPhase, type Work } from "../machine/run.ts";
import { readRange } from "../sectors/read-range.ts";
import { sectorWorks, stretches } from "../sectors/sector-work.ts";
import { freshSession, verify } from "../sectors/verify.ts";

const DEFAULT_ADDRESS = 0x08000000;

/** Compares the unit with the image and writes nothing. The first byte that differs is `flash.verify_mismatch`. */
export function* verifyMachine(options: VerifyOptions & Seen): Work<FlashReport> {
  const run = createRun(options.descriptors, options.profile);
  return yield* finish(run, true, function* () {
    const plan = planFlash({ ...options, profile: run.link.profile });
    run.budgets = budgetsFor(plan.estimateMs);
    yield* start(run, options);
    enterPhase(run, "verify");
    const ranges = options.image.segments.map(({ address, data }) => ({
      address,
      length: data.length,
    }));
    // The image's own bytes: how another tool filled up the last granule is not for us to judge.
    const works = sectorWorks(plan).map((work) => ({
      ...work,
      pieces: partsWithin(ranges, work.sector),
    }));
    const content = contentOf(options.image, plan);
    const [wrong] = yield* verify(run, works, content, progressOf(run, plan), stretches);
    if (wrong !== undefined) {
      const { wrongAt: address } = wrong;
      // No byte was seen to differ: reading made the unit leave.
      if (address === undefined) {
        const at = wrong.sector.address;
        throw new DfuError("flash.dirty", `${hex32(at)} cannot be read`, { address: at });
      }
      throw new DfuError("flash.verify_mismatch", `${hex32(address)} differs from the image`, {
        address,
      });
    }
    run.tally.figures.bytes = options.image.bytes;
  });
}

/** Reads memory as it is. */
export function* readMachine(options: ReadOptions & Seen): Work<ReadReport> {
  const run = createRun(options.descriptors, options.profile);
  const { address, length } = options;
  const data = new Uint8Array(Math.max(0, length));
  const report = yield* finish(run, true, function* () {
    if (length <= 0) throw new DfuError("usage.argument", `length ${length} is not positive`);
    const alternate = options.alternate ?? readableAlternate(options, address, length);
    run.budgets = budgetsFor(length);
    yield* start(run, options);
    enterPhase(run, "read");
    let arrivals: number;
    do {
      yield* freshSession(run, { address, alternate });
      arrivals = run.link.arrivals;
      yield* readRange(run, { alternate, address, length }, (at, bytes) => {
        data.set(bytes, at - address);
        return run.link.arrivals === arrivals;
      });
    } while (run.link.arrivals !== arrivals);
    run.tally.figures.bytes = length;
  });
  return report.outcome === "PASS" ? { ...report, data } : report;
}

/** The alternate that describes the whole range. Throws `usage.range` where one does not, or it is not readable. */
function readableAlternate(options: ReadOptions & Seen, address: number, length: number): number {
  const geometry = unitGeometry(options);
  const outside = (at: number) =>
    outsideError(
      geometry,
      new DfuError("usage.range", `${hex32(at)} is outside the unit's memory`, { address: at }),
    );
  const first = meantSector(geometry.sectors, address, options.descriptors);
  if (first === undefined) throw outside(address);
  for (let at = address; at < address + length; ) {
    const sector = meantSector(geometry.sectors, at, options.descriptors);
    if (sector?.alternate !== first.alternate) throw outside(at);
    if (!sector.readable) {
      throw new DfuError("usage.range", `${hex32(at)} cannot be read`, { address: at });
    }
    at = sector.address + sector.size;
  }
  return first.alternate;
}

/** Starts the application. */
export function* leaveMachine(options: LeaveOptions & Seen): Work<FlashReport> {
  const run = createRun(options.descriptors, options.profile);
  return yield* finish(run, true, function* () {
    const address = options.address ?? DEFAULT_ADDRESS;
    const geometry = unitGeometry(options);
    const alternate = sectorAt(geometry.sectors, address)?.alternate;
    if (alternate === undefined) {
      const why = `${hex32(address)} is outside the unit's memory`;
      throw outsideError(geometry, new DfuError("usage.argument", why));
    }
    yield* start(run, options);
    enterPhase(run, "leave");
    yield* leave(run, alternate, address);
  });
}

/** What the unit says of itself; changes nothing but a dfuERROR that an earlier host left. */
export function* infoMachine(options: ChipOptions & Seen): Work<InfoReport> {
  const run = createRun(options.descriptors, options.profile);
  let info: UnitInfo | undefined;
  const report = yield* finish(run, true, function* () {
    const geometry = unitGeometry(options);
    yield* start(run, options);
    const commands = yield* persist(run, { what: "Get Commands", address: 0, alternate: 0 }, () =>
      getCommands(run),
    );
    yield* toIdle(run);
    const { state, status } = yield* getStatus(run);
    run.link.setState(undefined);
    info = {
      identity: run.device.identity,
      state,
      status,
      commands: [...commands],
      memories: geometry.memories,
      unread: geometry.unread,
      untoldBytes: geometry.untoldBytes,
      transferSize: run.device.transferSize,
    };
  });
  return info === undefined ? report : { ...report, info };
}
