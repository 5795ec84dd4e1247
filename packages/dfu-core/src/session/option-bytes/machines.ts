import { DfuError } from "../../errors.ts";
import type { Image } from "../../image/image.ts";
import {
  complementErrors,
  decodeOptions,
  type OptionValue,
  rdpLevel,
} from "../../options/codec.ts";
import {
  locateOptions,
  type OptionMemory,
  type OptionZone,
  writableSchemaOf,
} from "../../options/locate.ts";
import { type Confirmation, type OptionSchema, RDP } from "../../options/schema.ts";
import {
  differences,
  neededConfirmations,
  type OptionSettings,
  parseSettings,
} from "../../options/values.ts";
import { budgetsFor } from "../../pacing/budgets.ts";
import { planFlash } from "../../plan/plan-flash.ts";
import { firstDifference } from "../eeprom/differs.ts";
import { corruptOptions, readBlocks } from "../guards/read-options.ts";
import { type Seen, start } from "../guards/start.ts";
import { finish } from "../machine/finish.ts";
import type { ChipOptions } from "../machine/options.ts";
import type { FlashReport } from "../machine/report.ts";
import { createRun, enterPhase, type Run, step, type Work } from "../machine/run.ts";
import { sectorWorks } from "../sectors/sector-work.ts";
import { setProtection } from "./set-rdp.ts";
import { writeChanges } from "./write.ts";

/** The option bytes of a unit, raw and, where a table knows them, by name. */
export interface OptionBytes {
  /** The table they were decoded with; undefined when no table knows them. */
  readonly table: string | undefined;
  readonly source: string | undefined;
  readonly values: readonly OptionValue[];
  readonly blocks: readonly (OptionZone & { readonly bytes: Uint8Array })[];
  /** Registers whose complement does not match. */
  readonly corrupt: readonly string[];
}

/** The report of `readOptions` and `writeOptions`. */
export interface OptionsReport extends FlashReport {
  /** As last read; present on PASS, except after RDP was set. */
  readonly options?: OptionBytes;
  /** With `usage.confirm`: the confirmations that were needed and not given; nothing was written. */
  readonly unconfirmed?: readonly Confirmation[];
}

/** Which option bytes are to be written, and what a person confirmed. */
export interface WriteOptionsOptions extends ChipOptions {
  readonly set: OptionSettings;
  /** Second confirmations that a person gave by name. */
  readonly confirmed?: readonly string[];
  /** Verified before the first write and again before RDP is set (rule 16, docs/protocol.md). */
  readonly image?: Image;
  /** A person or a hub can switch the unit's power when asked by the `power-cycle` event. */
  readonly powerCycle?: boolean;
  /** An earlier write was cut off: all blocks are written anew, even those that read as wanted. */
  readonly knownDirty?: boolean;
}

function* showOptions(run: Run, memory: OptionMemory): Work<OptionBytes> {
  const blocks = yield* readBlocks(run, memory);
  const { schema, zones } = memory;
  return {
    table: schema?.name,
    source: schema?.source,
    values: schema === undefined ? [] : decodeOptions(schema, blocks),
    blocks: zones.map((zone, index) => ({ ...zone, bytes: blocks[index] ?? new Uint8Array() })),
    corrupt: schema === undefined ? [] : complementErrors(schema, blocks),
  };
}

/** Reads the option bytes and decodes them where a table knows them; changes nothing. */
export function* readOptionsMachine(options: ChipOptions & Seen): Work<OptionsReport> {
  const run = createRun(options.descriptors, options.profile);
  let shown: OptionBytes | undefined;
  const report = yield* finish(run, true, function* () {
    const memory = locateOptions(options.descriptors, options);
    yield* start(run, options);
    enterPhase(run, "options");
    shown = yield* showOptions(run, memory);
  });
  return shown === undefined ? report : { ...report, options: shown };
}

/**
 * Flash verified → all other options → re-enumerate → options and flash checked again → RDP last → power cycle where the
 * family needs one → checked by refusal (rule 16, docs/protocol.md). Every confirmation is checked before the first write.
 */
export function* writeOptionsMachine(options: WriteOptionsOptions & Seen): Work<OptionsReport> {
  const run = createRun(options.descriptors, options.profile);
  let shown: OptionBytes | undefined;
  let unconfirmed: readonly Confirmation[] = [];
  const report = yield* finish(run, true, function* () {
    const memory = locateOptions(options.descriptors, options);
    const schema = writableSchemaOf(memory);
    yield* start(run, options);
    enterPhase(run, "options");
    const blocks = yield* readBlocks(run, memory);
    const corrupt = complementErrors(schema, blocks);
    if (corrupt.length > 0) throw corruptOptions(corrupt);
    const changes = new Map(parseSettings(schema, blocks, options.set));
    const given = options.confirmed ?? [];
    unconfirmed = neededConfirmations(schema, blocks, changes).filter(
      (name) => !given.includes(name),
    );
    if (unconfirmed.length > 0) {
      throw new DfuError(
        "usage.confirm",
        `this needs the confirmation ${unconfirmed.join(" and ")}`,
      );
    }
    const level = rdpChange(schema, differences(schema, blocks, changes), changes);
    const rdp = changes.get(RDP);
    changes.delete(RDP);
    yield* verifyImage(run, options);
    yield* step(run, { kind: "commit" });
    yield* writeChanges(run, memory, changes, options.knownDirty === true);
    const { arrivals } = run.link;
    shown = yield* showOptions(run, memory);
    if (level === undefined || rdp === undefined) return;
    yield* verifyImage(run, options);
    shown = undefined;
    yield* setProtection(run, memory, rdp, options, arrivals);
  });
  return {
    ...report,
    ...(shown === undefined ? {} : { options: shown }),
    ...(unconfirmed.length === 0 ? {} : { unconfirmed }),
  };
}

/**
 * The RDP level to put into effect; undefined when the settings name none. A level that the option bytes show already counts as
 * well: they show what was written, and it may still wait for a power cycle. Throws `options.value` for a level that would erase
 * the flash, and for one whose effect cannot be checked (rule 16, docs/protocol.md).
 */
function rdpChange(
  schema: OptionSchema,
  differing: readonly string[],
  changes: ReadonlyMap<string, number>,
): number | undefined {
  const rdp = changes.get(RDP);
  if (rdp === undefined) return undefined;
  const level = rdpLevel(schema, rdp);
  if (level === 1 || level === 2) return level;
  if (!differing.some((text) => text.startsWith("RDP "))) return undefined;
  throw new DfuError(
    "options.value",
    level === 0
      ? "RDP is lowered, and the flash erased, only by unprotect"
      : "RDP 0.5 cannot be seen to work: flash that is not secure can be read at it as at level 0",
  );
}

function* verifyImage(run: Run, options: WriteOptionsOptions & Seen): Work<void> {
  const { image } = options;
  if (image === undefined) return;
  const plan = planFlash({ ...options, image, profile: run.link.profile });
  run.budgets = budgetsFor(plan.estimateMs);
  enterPhase(run, "verify");
  const found = yield* firstDifference(run, plan, image, sectorWorks(plan));
  if (found !== undefined) {
    const { address } = found;
    throw new DfuError("flash.verify_mismatch", "the unit differs from the image", { address });
  }
  run.tally.figures.bytes = image.bytes;
  enterPhase(run, "options");
}
