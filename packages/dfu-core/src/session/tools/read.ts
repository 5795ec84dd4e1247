import { DfuError, hex32 } from "../../errors.ts";
import { budgetsFor } from "../../pacing/budgets.ts";
import { outsideError, unitGeometry } from "../../plan/geometry.ts";
import { meantSector } from "../../plan/overlap.ts";
import { type Seen, start } from "../guards/start.ts";
import { finish } from "../machine/finish.ts";
import type { ReadOptions, ReadReport } from "../machine/options.ts";
import { createRun, enterPhase, type Work } from "../machine/run.ts";
import { readRange } from "../sectors/read-range.ts";
import { freshSession } from "../sectors/verify.ts";

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
