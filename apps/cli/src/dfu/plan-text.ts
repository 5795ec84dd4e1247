import {
  type ChipIdentity,
  type FlashPlan,
  type PlannedSector,
  planPicture,
  type RemainderRule,
} from "@flashline/dfu-core";
import { hex32, plural, sizeText, table, timeText } from "../terminal/units.ts";
import { chipText } from "./describe.ts";

const ERASE_TEXT: Readonly<Record<PlannedSector["erase"], string>> = {
  erase: "erase",
  "skip-if-unchanged": "erase unless unchanged",
  "skip-if-blank": "erase unless blank",
};

/** Bytes of the touched sectors that the image does not cover. */
const besideImage = (plan: FlashPlan): number =>
  plan.sectors.reduce((sum, sector) => sum + sector.remainder, 0);

const REMAINDER_TEXT: Readonly<Record<RemainderRule, string>> = {
  discard: "will be lost where a sector is erased (--remainder preserve keeps them)",
  preserve: "will be put back",
  refuse: "must be blank, else the unit is refused",
};

/** A plan for a person: what will be erased, written, and lost, before anything is. */
export function planText(plan: FlashPlan, identity: ChipIdentity): string {
  const beside = besideImage(plan);
  const sectors = plan.sectors.map((sector) => [
    `  ${hex32(sector.address)}`,
    sizeText(sector.size),
    ERASE_TEXT[sector.erase],
    sector.remainder === 0 ? "" : `${sizeText(sector.remainder)} not in the image`,
  ]);
  const runs = plan.runs.map((run) => [`  ${hex32(run.address)}`, sizeText(run.length)]);
  return [
    `Plan for ${chipText(identity)}, profile ${plan.profile}`,
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
    ...(beside === 0
      ? []
      : [`Beside the image: ${sizeText(beside)}, which ${REMAINDER_TEXT[plan.remainder]}`]),
    ...plan.warnings.map((warning) => `Note: ${warning}`),
    `${sizeText(plan.imageBytes)} of image, about ${timeText(plan.estimateMs)}. Nothing was touched.`,
  ].join("\n");
}
