import { DfuError } from "../errors.ts";
import { type BankMode, bankRuleOf } from "../parts/banks.ts";
import { identify, layoutOf } from "../parts/identify.ts";
import { readBlock } from "./blocks.ts";
import { persist } from "./retry.ts";
import type { Run, Work } from "./run.ts";

const PROBE_BYTES = 16;

/** Throws `plan.bank_mode` before the first erase unless the unit's option bytes show the wanted mode (engine rule 11). */
export function* checkBankMode(run: Run, wanted: BankMode): Work<void> {
  const rule = bankRuleOf(identify(run.descriptors).part);
  const options = run.descriptors.alternates.find(({ name }) => /option/i.test(name));
  const address = options && layoutOf(options.name)?.zones[0]?.address;
  if (rule === undefined || options === undefined || address === undefined) {
    throw new DfuError(
      "plan.bank_mode",
      `${run.identity.chip}: no bank mode can be read of this class`,
    );
  }
  const { alternate } = options;
  const bytes = yield* persist(run, { what: "read options", address, alternate }, () =>
    readBlock(run, alternate, address, PROBE_BYTES),
  );
  const byte = bytes[rule.offset] ?? 0;
  const set = (byte & rule.mask) !== 0;
  const other = rule.whenSet === "dual" ? "single" : "dual";
  const mode = set ? rule.whenSet : other;
  if (mode === wanted) return;
  throw new DfuError(
    "plan.bank_mode",
    `the release is for ${wanted} bank, the unit is in ${mode} bank mode: option byte ${rule.offset} is 0x${byte.toString(16).padStart(2, "0")}`,
  );
}
