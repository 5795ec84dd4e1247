import { DfuError } from "../errors.ts";
import { complementErrors, decodeOptions } from "../options/codec.ts";
import { locateOptions } from "../options/locate.ts";
import { corruptOptions, readBlocks } from "../options/read.ts";
import { type BankMode, decisionAt } from "../parts/banks.ts";
import { flashOf } from "../plan/geometry.ts";
import type { ChipOptions } from "./options.ts";
import type { Run, Work } from "./run.ts";

/**
 * Throws `plan.bank_mode` before the first erase unless the unit is in the wanted bank mode: because its class always is at its
 * size, or because its option bytes show it (engine rule 11). A unit that does not tell is refused.
 */
export function* checkBankMode(run: Run, wanted: BankMode, options: ChipOptions): Work<void> {
  const { mode, evidence } = yield* bankModeOf(run, options);
  if (mode === wanted) return;
  throw refusal(
    run,
    `the release is for ${wanted} bank, the unit is in ${mode} bank mode: ${evidence}`,
  );
}

const refusal = (run: Run, why: string): DfuError =>
  new DfuError("plan.bank_mode", `${run.identity.chip}: ${why}`);

function* bankModeOf(
  run: Run,
  options: ChipOptions,
): Work<{ readonly mode: BankMode; readonly evidence: string }> {
  const { rule, bytes, ambiguous } = flashOf({ ...options, descriptors: run.descriptors });
  const kib = bytes / 1024;
  if (ambiguous) {
    throw refusal(run, "classes with these strings differ in their banks; name the chip");
  }
  const decision = rule && decisionAt(rule, kib);
  if (decision === undefined) throw refusal(run, "no bank mode can be read of this class");
  if (typeof decision === "string") {
    return { mode: decision, evidence: `${kib} KiB of this class always are` };
  }
  const { option, dualWhen } = decision;
  const memory = locateOptions(run.descriptors, options);
  const { schema } = memory;
  if (schema === undefined) throw refusal(run, `no table knows where it shows ${option}`);
  const blocks = yield* readBlocks(run, memory);
  const corrupt = complementErrors(schema, blocks);
  if (corrupt.length > 0) throw corruptOptions(corrupt);
  const shown = decodeOptions(schema, blocks).find(({ name }) => name === option);
  if (shown === undefined) throw refusal(run, `it does not show ${option}`);
  return {
    mode: shown.value === dualWhen ? "dual" : "single",
    evidence: `${option} is ${shown.value}`,
  };
}
