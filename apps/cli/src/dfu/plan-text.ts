import {
  type ChipIdentity,
  type FlashPlan,
  type PlannedSector,
  planPicture,
} from "@flashline/dfu-core";
import { hex32, plural, sizeText, table, timeText } from "../terminal/units.ts";

const ERASE_TEXT: Readonly<Record<PlannedSector["erase"], string>> = {
  erase: "erase",
  "skip-if-unchanged": "erase unless unchanged",
  "skip-if-blank": "erase unless blank",
};

/** A plan for a person: what will be erased, written, and lost, before anything is. */
export function planText(plan: FlashPlan, identity: ChipIdentity): string {
  const lost = plan.sectors.reduce((sum, sector) => sum + sector.remainder, 0);
  const sectors = plan.sectors.map((sector) => [
    `  ${hex32(sector.address)}`,
    sizeText(sector.size),
    ERASE_TEXT[sector.erase],
    sector.remainder === 0 ? "" : `${sizeText(sector.remainder)} not in the image`,
  ]);
  const runs = plan.runs.map((run) => [`  ${hex32(run.address)}`, sizeText(run.length)]);
  return [
    `Plan for ${identity.chip} (${identity.match} matched), profile ${plan.profile}`,
    ...identity.evidence.map((line) => `  by ${line}`),
    ...(plan.bankMode === undefined
      ? []
      : [`Bank mode: ${plan.bankMode}; a unit in another one is refused`]),
    `Sectors (${plan.sectors.length}):`,
    table(sectors).trimEnd(),
    `Written in ${plural(plan.runs.length, "run")}, blocks of ${plan.transferSize} bytes:`,
    table(runs).trimEnd(),
    "Map (S written last, # written, . lost, = preserved, ? must be blank):",
    ...planPicture(plan).map((line) => `  ${line}`),
    `Written last: ${plan.seal.length} bytes at ${hex32(plan.seal.address)}`,
    ...(lost === 0 ? [] : [`The remainder of partly covered sectors: ${plan.remainder}`]),
    ...plan.warnings.map((warning) => `Note: ${warning}`),
    `${sizeText(plan.imageBytes)} of image, about ${timeText(plan.estimateMs)}. Nothing was touched.`,
  ].join("\n");
}
