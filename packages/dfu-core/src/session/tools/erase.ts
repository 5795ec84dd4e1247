import { DfuError, hex32 } from "../../errors.ts";
import { budgetsFor, massEraseTimes } from "../../pacing/budgets.ts";
import { eraseTime } from "../../parts/families.ts";
import {
  type FlashSector,
  flashText,
  outsideError,
  sectorAt,
  type UnitGeometry,
  unitGeometry,
} from "../../plan/geometry.ts";
import { meantSector } from "../../plan/overlap.ts";
import { DfuSeCommand } from "../../protocol/constants.ts";
import { type Seen, start } from "../guards/start.ts";
import { explainingUnwritable, refuseProtected } from "../guards/write-protection.ts";
import { readBlock } from "../link/blocks.ts";
import { eraseSurely } from "../link/commands.ts";
import { operate } from "../link/operate.ts";
import { selectAlternate, toIdle } from "../link/requests.ts";
import { persist } from "../link/retry.ts";
import { finish } from "../machine/finish.ts";
import type { EraseOptions } from "../machine/options.ts";
import type { FlashReport } from "../machine/report.ts";
import { createRun, enterPhase, incident, type Run, step, type Work } from "../machine/run.ts";
import { firstNotErased } from "../sectors/first-not-erased.ts";
import { freshSession } from "../sectors/verify.ts";

/**
 * Erases whole sectors; everything only with `mass`. Erases nothing if option bytes protect one of the sectors. Reads all of it
 * back, because the unit also acknowledges a command whose data was lost on the way.
 */
export function* eraseMachine(options: EraseOptions & Seen): Work<FlashReport> {
  const run = createRun(options.descriptors, options.profile);
  return yield* finish(run, true, function* () {
    const unit = unitGeometry(options);
    const geometry = unit.sectors;
    const mass = options.mass === true;
    const sectors = mass
      ? geometry.filter((sector) => sector.flashable && sector.readable)
      : sectorsOf(unit, options);
    const [first] = sectors;
    if (first === undefined) {
      throw outsideError(unit, new DfuError("device.layout", "the unit shows no flash"));
    }
    yield* start(run, options);
    const times = sectors.map(({ size }) => eraseTime(run.device.family, size).typicalMs);
    run.budgets = budgetsFor(times.reduce((sum, ms) => sum + ms, 0));
    enterPhase(run, "erase");
    yield* refuseProtected(run, options, sectors);
    yield* step(run, { kind: "commit" });
    yield* explainingUnwritable(run, options, sectors, () =>
      eraseAll(run, sectors, mass ? first.alternate : undefined),
    );
    if (!mass) run.tally.figures.erasedSectors = sectors.length;
  });
}

function* eraseAll(
  run: Run,
  sectors: readonly FlashSector[],
  massOf: number | undefined,
): Work<void> {
  const lost: { readonly why: string; readonly at: number }[] = [];
  for (let erases = 1; ; erases += 1) {
    enterPhase(run, "erase");
    if (massOf !== undefined) yield* massErase(run, sectors, massOf);
    else yield* eraseEach(run, sectors);
    enterPhase(run, "verify");
    const { arrivals } = run.link;
    const at = yield* firstNotErased(run, sectors);
    if (at === undefined) break;
    if (run.link.arrivals !== arrivals) throw another(at);
    const why = `${hex32(at)} is not erased after an erase that was acknowledged`;
    if (erases >= run.budgets.refusals) {
      throw new DfuError("flash.erase_failed", `${why}, ${erases} times`, { address: at });
    }
    lost.push({ why, at });
  }
  // Only now that an erase has cured it is it known to be the link's fault.
  for (const { why, at } of lost) yield* incident(run, "link.data_lost", why, at);
}

/** The sectors of a range. Throws `usage.range` where it is not all writable memory, `usage.argument` where several memories have it. */
function sectorsOf(
  unit: UnitGeometry,
  { address, length, descriptors }: EraseOptions & Seen,
): readonly FlashSector[] {
  if (address === undefined || length === undefined || length <= 0) {
    throw new DfuError("usage.argument", "an erase needs an address and a length, or mass");
  }
  const sectors = unit.sectors.filter(
    (sector) => sector.address < address + length && sector.address + sector.size > address,
  );
  const outside = [address, address + length - 1].find((at) => !sectorAt(sectors, at));
  if (outside !== undefined) {
    const why = `${hex32(outside)} is outside the unit's memory, which has ${flashText(unit)}`;
    throw outsideError(unit, new DfuError("usage.range", why, { address: outside }));
  }
  for (const sector of sectors) meantSector(sectors, sector.address, descriptors);
  const reserved = sectors.find((sector) => !sector.flashable);
  if (reserved !== undefined) {
    throw new DfuError("usage.range", `${hex32(reserved.address)} is never erased`, {
      address: reserved.address,
    });
  }
  return sectors;
}

function* eraseEach(run: Run, sectors: readonly FlashSector[]): Work<void> {
  for (const [index, sector] of sectors.entries()) {
    let { arrivals } = run.link;
    yield* persist(run, { what: "erase", ...sector }, function* () {
      // Before its first erase nothing was done to any unit.
      if (run.tally.touched && run.link.arrivals !== arrivals) {
        arrivals = run.link.arrivals;
        yield* stillTheSame(run, sectors.slice(0, index));
      }
      yield* eraseSurely(run, sector);
    });
  }
}

/**
 * After a drop the unit must show that it is the same, by what was erased of it (rule 14, docs/protocol.md). Throws `device.other` where
 * it does not, `link.lost` where nothing was erased yet that could tell it from another one.
 */
function* stillTheSame(run: Run, erased: readonly FlashSector[]): Work<void> {
  if (erased.length === 0) throw new DfuError("link.lost", STRANGE);
  const at = yield* firstNotErased(run, erased);
  if (at !== undefined) throw another(at);
}

const STRANGE =
  "the unit left its port in its first erase, and nothing that it holds tells it from another one";

const another = (address: number): DfuError =>
  new DfuError(
    "device.other",
    `${hex32(address)} was erased, and after the unit came back it is not`,
    { address },
  );

/**
 * A bootloader on ST's library knows no such command and says OK to it: it gets an erase of each sector instead. A ROM is sent the
 * command, with something in its buffer that it refuses if the data is lost.
 */
function* massErase(run: Run, sectors: readonly FlashSector[], alternate: number): Work<void> {
  const place = { what: "mass erase", address: 0, alternate };
  yield* freshSession(run, place);
  const { arrivals } = run.link;
  if (!run.link.refusesUnknown) {
    yield* eraseEach(run, sectors);
    return;
  }
  yield* persist(run, place, function* () {
    if (run.tally.touched && run.link.arrivals !== arrivals)
      throw new DfuError("link.lost", STRANGE);
    yield* selectAlternate(run, alternate);
    yield* readNoCommand(run, sectors, alternate);
    yield* toIdle(run);
    run.tally.touched = true;
    yield* operate(run, {
      what: "mass erase",
      block: 0,
      data: Uint8Array.of(DfuSeCommand.Erase),
      address: 0,
      times: massEraseTimes,
    });
  });
}

/** Sectors whose beginning is looked at. */
const LOOKS = 8;
/** Of a command of one byte: 0x00 is Get Commands, which does nothing and is no error (usbd_dfu.c). */
const COMMANDS: ReadonlySet<number | undefined> = new Set([0x00, 0x21, 0x41, 0x92]);

/**
 * Leaves in the unit's one buffer what is no command, where its flash has such a place. With ECC nothing is read before the erase: cells that were cut off
 * make the unit leave then, and show afterwards in the same way that they were not erased.
 */
function* readNoCommand(run: Run, sectors: readonly FlashSector[], alternate: number): Work<void> {
  const { ecc, granule } = run.device.family;
  if (ecc) return;
  const own = sectors.filter((sector) => sector.alternate === alternate);
  for (const { address } of own.slice(0, LOOKS)) {
    const [first] = yield* readBlock(run, alternate, address, granule);
    if (!COMMANDS.has(first)) return;
  }
}
