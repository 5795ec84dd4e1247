import { hex32 } from "../errors.ts";
import { planPicture } from "./picture.ts";
import type { FlashPlan } from "./plan.ts";

const size = (bytes: number): string =>
  bytes >= 1024 && bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} bytes`;

/** The plan for a person, one line a fact. */
export function formatPlan(plan: FlashPlan): string {
  const lines = [
    `chip        ${plan.chip} (family ${plan.family}, granule ${plan.granule}, erased 0x${plan.erasedValue.toString(16).padStart(2, "0")})`,
    `profile     ${plan.profile}, ${plan.transferSize} bytes a transfer`,
    `image       ${size(plan.imageBytes)}, remainder of partly covered sectors: ${plan.remainder}`,
    ...(plan.bankMode === undefined
      ? []
      : [`bank mode   ${plan.bankMode}; a unit in another one is refused`]),
    ...plan.sectors.map(
      (sector) =>
        `sector      ${hex32(sector.address)} ${size(sector.size)}, alternate ${sector.alternate}: ${sector.erase}` +
        (sector.remainder > 0 ? `, ${sector.remainder} bytes not covered` : ""),
    ),
    ...plan.runs.map(
      (run) =>
        `write       ${hex32(run.address)} to ${hex32(run.address + run.length - 1)}, ${size(run.length)}`,
    ),
    ...plan.eeprom.map(
      (run) =>
        `eeprom      ${hex32(run.address)} to ${hex32(run.address + run.length - 1)}, ${size(run.length)}, not erased`,
    ),
    ...(plan.seal === undefined
      ? []
      : [`seal        ${hex32(plan.seal.address)}, ${plan.seal.length} bytes, written last`]),
    ...planPicture(plan).map((line) => `map         ${line}`),
    `estimate    ${(plan.estimateMs / 1000).toFixed(1)} s`,
    ...plan.warnings.map((warning) => `warning     ${warning}`),
  ];
  return `${lines.join("\n")}\n`;
}
