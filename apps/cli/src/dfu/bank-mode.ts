import { type BankMode, chipClassMatches, identify } from "@flashline/dfu-core";
import { bankRulesOf } from "@flashline/dfu-core/parts";
import type { DeviceDescriptors } from "@flashline/dfu-core/protocol";
import { Refusal } from "../refusal.ts";

/** Refuses a bank mode for a class without known bank modes: the command is wrong, and not the unit. */
export function checkHasBanks(
  descriptors: DeviceDescriptors,
  { chip, bankMode }: { readonly chip?: string; readonly bankMode?: BankMode },
): void {
  if (bankMode === undefined) return;
  const { candidates } = identify(descriptors);
  const named = chip === undefined ? undefined : chipClassMatches(chip, descriptors).part;
  const parts = named === undefined ? candidates : [named];
  // An unknown class is the engine's to refuse.
  if (parts.length === 0 || bankRulesOf(parts).some((rule) => rule !== undefined)) return;
  const names = parts.map(({ name }) => name).join(" or ");
  throw new Refusal(
    "usage.argument",
    `No bank modes are known of ${names}; leave --bank-mode ${bankMode} away.`,
  );
}
