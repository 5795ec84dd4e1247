import {
  type BankMode,
  checkUnit,
  type EngineEvent,
  type FlashPlan,
  flashPlainUnit,
  flashUnit,
  type Image,
  PROFILES,
  planFlash,
  type RemainderRule,
} from "@flashline/dfu-core";
import { findVectorTable } from "@flashline/dfu-core/image";
import type { DeviceDescriptors } from "@flashline/dfu-core/protocol";
import { defined } from "../defined.ts";
import { ExitCode } from "../exit.ts";
import { Refusal } from "../refusal.ts";
import { afterLeave, type ExpectOptions } from "./after-leave.ts";
import { type Attempt, conclude } from "./attempt.ts";
import { checkHasBanks } from "./bank-mode.ts";
import {
  type DirtyNote,
  downloads,
  EVERYTHING,
  openNote,
  overlaps,
  type Range,
} from "./dirty-note.ts";
import type { UnitOptions } from "./options.ts";
import { tellOptionsDirty } from "./options-dirty.ts";
import { fileSnapshots, snapshotFolder, snapshotNameOf } from "./snapshots.ts";
import { flashSummary } from "./summary.ts";

export interface FlashOptions extends UnitOptions, ExpectOptions {
  readonly alt?: number;
  readonly remainder?: RemainderRule;
  readonly unitName?: string;
  readonly bankMode?: BankMode;
  readonly plain?: true;
  readonly leave?: true;
  readonly leaveAddress?: number;
  readonly detach?: true;
  readonly dirty?: true;
  readonly expectOption?: Readonly<Record<string, string>>;
  readonly dryRun?: true;
}

const engineOptions = (options: FlashOptions) => {
  const { chip, profile, remainder, bankMode, leave, expectOption: expectOptions } = options;
  const { alt: alternate, leaveAddress } = options;
  return defined({
    chip,
    profile,
    alternate,
    remainder,
    bankMode,
    leave,
    leaveAddress,
    expectOptions,
  });
};

export async function flashPlain(
  attempt: Attempt,
  image: Image,
  { alt: alternate, profile, dirty, usbip }: FlashOptions,
): Promise<ExitCode> {
  checkAlternate(attempt.transport.descriptors, alternate);
  const note = await openNote(attempt.unit, usbip, attempt.warn);
  const knownDirty = dirty === true || note.ranges.length > 0;
  if (knownDirty) sayDirty(attempt, dirty ? "option" : "note");
  const report = await flashPlainUnit({
    ...attempt,
    // Such a device has no addresses.
    transport: note.guard(attempt.transport, () => EVERYTHING, downloads),
    image,
    knownDirty,
    ...defined({ alternate, profile }),
  });
  if (report.outcome === "PASS") await note.finished(EVERYTHING);
  else if (!report.touched) await note.untouched();
  // What it refused at its first block it may have erased, so that "touched" does not tell.
  if (report.code?.startsWith("flash.") && report.bytes === 0) sayOthers(attempt, alternate);
  return conclude(attempt.reporter, report, flashSummary(report));
}

/** The alternate took nothing: a device with several has most of them for something else. */
function sayOthers({ say, transport, unit }: Attempt, refused = 0): void {
  const others = transport.descriptors.alternates.filter(({ alternate }) => alternate !== refused);
  if (others.length === 0) return;
  const named = others.map(({ alternate, name }) => `--alt ${alternate} (${name})`).join(", ");
  say(`Alternate ${refused} takes nothing. The device has others: ${named}.`, {
    event: "refused-alternate",
    path: unit.portPath,
    alternate: String(refused),
    others: others.map(({ alternate }) => alternate).join(","),
  });
}

/** A plain device has no addresses by which one of several memories could be chosen. */
function checkAlternate({ alternates }: DeviceDescriptors, wanted: number | undefined): void {
  if (wanted === undefined && alternates.length <= 1) return;
  if (alternates.some(({ alternate }) => alternate === wanted)) return;
  const what =
    wanted === undefined
      ? `The device has ${alternates.length} alternates; say with --alt which one is meant.`
      : `The device has no alternate ${wanted}.`;
  const has = alternates.map(({ alternate, name }) => `  ${alternate}  ${name}`).join("\n");
  throw new Refusal("usage.argument", what, { hint: `It has:\n${has}` });
}

export async function flash(
  attempt: Attempt,
  image: Image,
  options: FlashOptions,
): Promise<ExitCode> {
  const { reporter } = attempt;
  checkHasBanks(attempt.transport.descriptors, options);
  const note = await openNote(attempt.unit, options.usbip, attempt.warn);
  if (options.expectOption !== undefined) tellOptionsDirty(attempt, note);
  const knownDirty = isDirty(attempt, image, options, note);
  if (options.dryRun) return dryRun(attempt, image, options, knownDirty);
  let touched: readonly Range[] = [];
  const report = await flashUnit({
    ...attempt,
    transport: note.guard(attempt.transport, () => touched),
    onEvent: (event) => {
      if (event.event === "planned") touched = touchedBy(event.plan);
      reporter.event(event);
    },
    image,
    knownDirty,
    ...(options.remainder === "preserve"
      ? {
          snapshots: fileSnapshots(snapshotFolder()),
          snapshotName: snapshotNameOf(attempt.unit, options.unitName),
        }
      : {}),
    ...engineOptions(options),
  });
  if (report.outcome === "PASS") await note.finished(touched);
  const summary = flashSummary(report);
  if (!options.leave) return conclude(reporter, report, summary);
  const start = options.leaveAddress ?? findVectorTable(image)?.address;
  if (report.outcome === "PASS" && start === undefined)
    attempt.say(NO_VECTORS, { event: "leave-unknown" });
  const left = await afterLeave(attempt, report, options);
  return conclude(reporter, left.report, `${summary.replace(/,$/, "")}; ${left.summary}`);
}

const NO_VECTORS =
  "Note: the image has no vector table that fits its place, so it cannot be known whether an application starts; --leave-address says where its table is.";

/** All that a plan erases or writes. */
const touchedBy = ({ sectors, eeprom }: FlashPlan): readonly Range[] => [
  ...sectors.map(({ address, size }) => ({ address, length: size })),
  ...eeprom.map(({ address, length }) => ({ address, length })),
];

/** Whether what is read of this unit must not be believed (rule 7, docs/protocol.md), and says so. */
function isDirty(
  attempt: Attempt,
  image: Image,
  options: FlashOptions,
  { ranges }: DirtyNote,
): boolean {
  if (options.dirty) {
    sayDirty(attempt, "option");
    return true;
  }
  if (ranges.length === 0) return false;
  let planned: readonly Range[];
  try {
    const profile = PROFILES[options.profile ?? "standard"];
    const { descriptors } = attempt.transport;
    planned = touchedBy(planFlash({ ...engineOptions(options), image, descriptors, profile }));
  } catch {
    // The flash will say the same, aloud.
    return true;
  }
  if (!overlaps(ranges, planned)) return false;
  sayDirty(attempt, "note");
  return true;
}

const NOT_FINISHED =
  "An earlier attempt at this unit was not finished: nothing that it holds is trusted, all is erased.";

/** A person who said so need not be told. */
function sayDirty({ say, unit }: Attempt, by: "option" | "note"): void {
  say(by === "note" ? NOT_FINISHED : undefined, { event: "dirty", path: unit.portPath, by });
}

/** The plan, after a look at what the flash would be refused for. */
async function dryRun(
  attempt: Attempt,
  image: Image,
  options: FlashOptions,
  knownDirty: boolean,
): Promise<ExitCode> {
  const { reporter } = attempt;
  const given = engineOptions(options);
  const ending: { planned?: Extract<EngineEvent, { event: "planned" }> } = {};
  const report = await flashUnit({
    ...attempt,
    onEvent: (event) => {
      if (event.event === "planned") ending.planned = event;
    },
    image,
    knownDirty,
    dryRun: true,
    ...given,
  });
  const { planned } = ending;
  if (planned === undefined) return conclude(reporter, report, "");
  if (given.bankMode !== undefined || given.expectOptions !== undefined) {
    const checked = await checkUnit({ ...attempt, onEvent: reporter.event, ...given });
    if (checked.outcome === "FAIL") return conclude(reporter, checked, "");
  }
  reporter.planned(planned.plan, planned.identity);
  return ExitCode.Done;
}
