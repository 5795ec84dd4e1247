import type { EngineCode } from "../../codes.ts";
import { DfuError, type DfuErrorOptions, hex32 } from "../../errors.ts";
import { complementErrors, decodeOptions, type OptionBlocks } from "../../options/codec.ts";
import { locateOptions, type OptionMemory } from "../../options/locate.ts";
import { type OptionSchema, RDP } from "../../options/schema.ts";
import {
  type FlashBanks,
  type Guard,
  guardsOf,
  type Range,
} from "../../options/write-protection.ts";
import { type BankMode, decisionAt } from "../../parts/banks.ts";
import { banksOf } from "../../plan/flash-size.ts";
import { flashGeometry, flashOf } from "../../plan/geometry.ts";
import { readBlock } from "../link/blocks.ts";
import { resync } from "../link/resync.ts";
import { Trouble, troubleFrom } from "../link/trouble.ts";
import type { ChipOptions } from "../machine/options.ts";
import { countFailure, incident, type Run, type Work } from "../machine/run.ts";
import { readBlocks } from "./read-options.ts";

/**
 * Throws `flash.write_protected`, with nothing erased yet, when the unit's option bytes protect a `wanted` sector, which is to be
 * erased or written: ROMs answer no error to either (AN2662), so that without this the unit would be left half written. Only by tables
 * that are sure of it, and by what two reads agree on. What cannot be read is left to be found out by reading back.
 */
export function* refuseProtected(
  run: Run,
  options: ChipOptions,
  wanted: readonly Range[],
): Work<void> {
  const place = optionsOf(run, options);
  if (place?.schema.writeProtection?.sure !== true) return;
  const look = function* (): Work<readonly Protected[]> {
    const blocks = yield* glance(run, place.memory);
    return blocks === undefined ? [] : protectedSectors(run, options, place.schema, blocks, wanted);
  };
  const found = yield* look();
  const [first] = found;
  if (first === undefined || textOf(yield* look()) !== textOf(found)) return;
  const { address } = first.sector;
  const many = `${found.length} of ${wanted.length} sectors to be erased or written, the first at ${hex32(address)}`;
  throw new DfuError(
    "flash.write_protected",
    `option bytes protect ${many}: ${textOf(found)}; ${cureText(place.schema, found)}`,
    { address, ...cured(place.schema, found) },
  );
}

/** Codes of a sector that does not keep what is written, for a reason not known yet. */
const UNWRITABLE: ReadonlySet<EngineCode> = new Set<EngineCode>([
  "flash.write_protected",
  "flash.silent_drop",
  "flash.verify_mismatch",
  "flash.erase_failed",
  "flash.write_failed",
]);

/**
 * Called when a sector proved not to be writable. If the option bytes protect it, this throws `flash.write_protected` with the
 * field as second evidence. Any other failure is thrown on as it is.
 */
export function* explainingUnwritable(
  run: Run,
  options: ChipOptions,
  sectors: readonly Range[],
  body: () => Work<void>,
): Work<void> {
  try {
    yield* body();
  } catch (error) {
    throw (yield* secondEvidence(run, options, sectors, error)) ?? error;
  }
}

function* secondEvidence(
  run: Run,
  options: ChipOptions,
  sectors: readonly Range[],
  error: unknown,
): Work<DfuError | undefined> {
  if (!(error instanceof DfuError) || !run.tally.touched || !UNWRITABLE.has(error.code))
    return undefined;
  const { address } = error;
  const sector = sectors.find(
    (one) => address !== undefined && address >= one.address && address < one.address + one.size,
  );
  const place = optionsOf(run, options);
  if (address === undefined || sector === undefined || place === undefined) return undefined;
  try {
    const blocks = yield* readBlocks(run, place.memory);
    const found = protectedSectors(run, options, place.schema, blocks, [sector]);
    if (found.length === 0) return undefined;
    return new DfuError(
      "flash.write_protected",
      `${error.message}; option bytes protect its sector: ${textOf(found)}; ${cureText(place.schema, found)}`,
      { address, cause: error, ...cured(place.schema, found) },
    );
  } catch (failure) {
    // The first failure stands, even if the option bytes cannot be read.
    if (!(failure instanceof DfuError)) throw failure;
    return undefined;
  }
}

/** Option bytes whose table knows their write protection. */
interface KnownOptions {
  readonly memory: OptionMemory;
  readonly schema: OptionSchema;
}

/** Undefined where the unit shows no option bytes, or no table knows their write protection. */
function optionsOf(run: Run, options: ChipOptions): KnownOptions | undefined {
  try {
    const memory = locateOptions(run.device.descriptors, options);
    const { schema } = memory;
    return schema?.writeProtection === undefined ? undefined : { memory, schema };
  } catch (error) {
    if (!(error instanceof DfuError)) throw error;
    return undefined;
  }
}

const TRIES = 2;

/**
 * The option bytes, if the unit gives them within two tries. Two refusals are no incident, because some ROMs always refuse. Every
 * other failure belongs to the link, and so does a refusal that vanishes.
 */
function* glance(run: Run, { alternate, zones }: OptionMemory): Work<OptionBlocks | undefined> {
  const refusals: Trouble[] = [];
  for (let tries = 0; tries < TRIES; tries += 1) {
    try {
      const blocks: Uint8Array[] = [];
      for (const { address, length } of zones) {
        blocks.push(yield* readBlock(run, alternate, address, length));
      }
      for (const refusal of refusals) yield* blame(run, refusal, "it vanished after a resync");
      return blocks;
    } catch (error) {
      const trouble =
        error instanceof Trouble ? error : troubleFrom(error, "read option bytes", "unknown");
      const { refused, by } = yield* resync(run, trouble);
      const own = trouble.status !== undefined || refused !== undefined;
      if (own || trouble.code === "link.stall") refusals.push(trouble);
      else yield* blame(run, trouble, by);
    }
  }
  return undefined;
}

function* blame(run: Run, trouble: Trouble, why: string): Work<void> {
  const code = trouble.status === undefined ? trouble.code : "link.false_status";
  yield* incident(run, code, `${trouble.message}; ${why}`);
  yield* countFailure(run, code);
}

interface Protected {
  readonly sector: Range;
  readonly guards: readonly Guard[];
}

/**
 * Blocks with wrong complements are not believed. Nor are blocks that show read protection: this flash can be read, so such
 * blocks must be wrong or come from another address.
 */
function protectedSectors(
  run: Run,
  options: ChipOptions,
  schema: OptionSchema,
  blocks: OptionBlocks,
  sectors: readonly Range[],
): readonly Protected[] {
  const values = new Map(decodeOptions(schema, blocks).map(({ name, value }) => [name, value]));
  if (complementErrors(schema, blocks).length > 0 || values.get(RDP) !== schema.rdp.open) return [];
  const banks = banksSeen(run, options, schema, values);
  if (banks === undefined) return [];
  return sectors.flatMap((sector) => {
    const guards = guardsOf(schema, blocks, banks, sector);
    return guards.length > 0 ? [{ sector, guards }] : [];
  });
}

const KIB = 1024;

/** Undefined where the table has fields for two banks and the unit's number of banks is not known. */
function banksSeen(
  { device: { descriptors } }: Run,
  options: ChipOptions,
  schema: OptionSchema,
  values: ReadonlyMap<string, number>,
): FlashBanks | undefined {
  const { rule, bytes } = flashOf({ ...options, descriptors });
  const decision = rule && decisionAt(rule, bytes / KIB);
  const mode = typeof decision === "object" ? modeBy(decision, values) : decision;
  if (mode === undefined && ofTwoBanks(schema)) return undefined;
  const sectors = flashGeometry({ ...options, descriptors, bankMode: mode }).filter(
    ({ flashable }) => flashable,
  );
  const base = Math.min(...sectors.map(({ address }) => address));
  const ranges = banksOf(rule, bytes / KIB, mode);
  const half = bytes / 2;
  const halves = [
    { from: 0, to: half },
    { from: half, to: bytes },
  ];
  const banks = (mode === "dual" && ranges.length === 1 ? halves : ranges).map(({ from, to }) =>
    sectors.filter(({ address }) => address >= base + from && address < base + to),
  );
  const page = mode && rule?.sectors?.[mode].then;
  return { banks, pageBytes: page === undefined ? undefined : page * KIB };
}

const ofTwoBanks = ({ writeProtection: rule }: OptionSchema): boolean =>
  (rule?.kind === "areas" && rule.areas.length > 1) ||
  (rule?.kind === "sectors" && (rule.fields.length > 1 || rule.singleBankOnly === true));

function modeBy(
  { option, dualWhen }: { readonly option: string; readonly dualWhen: 0 | 1 },
  values: ReadonlyMap<string, number>,
): BankMode | undefined {
  const value = values.get(option);
  if (value === undefined) return undefined;
  return value === dualWhen ? "dual" : "single";
}

const hex = (value: number): string => `0x${value.toString(16)}`;

/** Each guard once: "nWRP is 0xffd". */
const textOf = (found: readonly Protected[]): string =>
  [
    ...new Set(
      found.flatMap(({ guards }) => guards.map(({ name, value }) => `${name} is ${hex(value)}`)),
    ),
  ].join(", ");

/** The values that clear the protection, by name; undefined where this engine does not write them. */
function cureOf(
  schema: OptionSchema,
  found: readonly Protected[],
): Readonly<Record<string, string>> | undefined {
  if (schema.readOnly === true) return undefined;
  const guards = found.flatMap((one) => one.guards);
  return Object.fromEntries(guards.map(({ name, open }) => [name, hex(open)]));
}

function cureText(schema: OptionSchema, found: readonly Protected[]): string {
  const cure = cureOf(schema, found);
  if (cure === undefined) return `Flashline does not write option bytes of ${schema.name}`;
  const settings = Object.entries(cure).map(([name, value]) => `${name}=${value}`);
  return `to clear: ${settings.join(" ")}`;
}

/** With the cure as data, where there is one. */
function cured(schema: OptionSchema, found: readonly Protected[]): Pick<DfuErrorOptions, "cure"> {
  const cure = cureOf(schema, found);
  return cure === undefined ? {} : { cure };
}
