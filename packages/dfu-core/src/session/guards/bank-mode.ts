import { DfuError } from "../../errors.ts";
import { complementErrors, decodeOptions } from "../../options/codec.ts";
import { locateOptions } from "../../options/locate.ts";
import { type BankMode, decisionAt } from "../../parts/banks.ts";
import { flashOf } from "../../plan/geometry.ts";
import type { FlashPlan } from "../../plan/plan.ts";
import { planFlash } from "../../plan/plan-flash.ts";
import type { ChipOptions, FlashOptions } from "../machine/options.ts";
import type { Run, Work } from "../machine/run.ts";
import { corruptOptions, readBlocks } from "./read-options.ts";

/**
 * Throws `plan.bank_mode` before the first erase unless the unit is in the wanted bank mode: because its class always is at its
 * size, or because its option bytes show it (rule 11, docs/protocol.md). A unit that does not tell is refused.
 */
export function* checkBankMode(run: Run, wanted: BankMode, options: ChipOptions): Work<void> {
  const seen = yield* bankModeOf(run, options);
  if (typeof seen === "string") throw refusal(run, seen);
  const { mode, evidence } = seen;
  if (mode === wanted) return;
  throw refusal(
    run,
    `the release is for ${wanted} bank, the unit is in ${mode} bank mode: ${evidence}`,
  );
}

/**
 * For a plan without a named bank mode. Throws `plan.bank_mode` when the sectors to be erased differ from those of the mode that
 * the unit's option bytes show. Classes whose sectors never change are not asked.
 */
export function* checkSectors(run: Run, plan: FlashPlan, options: FlashOptions): Work<void> {
  const { rule } = flashOf({ ...options, descriptors: run.device.descriptors });
  if (rule?.sectors === undefined) return;
  const seen = yield* bankModeOf(run, options);
  if (typeof seen === "string") return;
  const { mode: bankMode, evidence } = seen;
  const { descriptors } = run.device;
  const { profile } = run.link;
  const real = planFlash({ ...options, descriptors, profile, bankMode });
  const sectors = (of: FlashPlan) =>
    of.sectors.map(({ address, size }) => `${address}+${size}`).join();
  if (sectors(real) === sectors(plan)) return;
  throw refusal(
    run,
    `its sectors are others than it shows, for it is in ${bankMode} bank mode (${evidence}); name the mode that the image is for`,
  );
}

const refusal = (run: Run, why: string): DfuError =>
  new DfuError("plan.bank_mode", `${run.device.identity.chip}: ${why}`);

interface SeenMode {
  readonly mode: BankMode;
  readonly evidence: string;
}

/** The mode with its evidence, or the reason why it cannot be told. Throws `options.complement`. */
function* bankModeOf(run: Run, options: ChipOptions): Work<SeenMode | string> {
  const { rule, bytes, ambiguous } = flashOf({ ...options, descriptors: run.device.descriptors });
  const kib = bytes / 1024;
  if (ambiguous) return "classes with these strings differ in their banks; name the chip";
  const decision = rule && decisionAt(rule, kib);
  if (decision === undefined) return "no bank mode can be read of this class";
  if (typeof decision === "string") {
    return { mode: decision, evidence: `${kib} KiB of this class always are` };
  }
  const { option, dualWhen } = decision;
  const memory = locateOptions(run.device.descriptors, options);
  const { schema } = memory;
  if (schema === undefined) return `no table knows where it shows ${option}`;
  const blocks = yield* readBlocks(run, memory);
  const corrupt = complementErrors(schema, blocks);
  if (corrupt.length > 0) throw corruptOptions(corrupt);
  const shown = decodeOptions(schema, blocks).find(({ name }) => name === option);
  if (shown === undefined) return `it does not show ${option}`;
  return {
    mode: shown.value === dualWhen ? "dual" : "single",
    evidence: `${option} is ${shown.value}`,
  };
}
