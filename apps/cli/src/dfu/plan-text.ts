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

const runTable = (runs: readonly { readonly address: number; readonly length: number }[]) =>
  table(runs.map(({ address, length }) => [`  ${hex32(address)}`, sizeText(length)])).trimEnd();

/** A plan for a person: what will be erased, written, and lost, before anything is. */
export function planText(plan: FlashPlan, identity: ChipIdentity): string {
  const beside = besideImage(plan);
  const sectors = plan.sectors.map((sector) => [
    `  ${hex32(sector.address)}`,
    sizeText(sector.size),
    ERASE_TEXT[sector.erase],
    sector.remainder === 0 ? "" : `${sizeText(sector.remainder)} not in the image`,
  ]);
  const { runs, eeprom, seal } = plan;
  return [
    `Plan for ${chipText(identity)}, profile ${plan.profile}`,
    ...identity.evidence.map((line) => `  by ${line}`),
    ...(plan.bankMode === undefined
      ? []
      : [`Bank mode: ${plan.bankMode}; a unit in another one is refused`]),
    ...(runs.length === 0
      ? []
      : [
          `Sectors (${plan.sectors.length}):`,
          table(sectors).trimEnd(),
          `Written in ${plural(runs.length, "run")}, blocks of ${plan.transferSize} bytes:`,
          runTable(runs),
          "Map (S written last, # written, . lost, = preserved, ? must be blank):",
          ...planPicture(plan).map((line) => `  ${line}`),
        ]),
    ...(eeprom.length === 0
      ? []
      : [
          `Data EEPROM, ${seal === undefined ? "" : "written after the flash was read back, "}without an erase, and only words that differ:`,
          runTable(eeprom),
        ]),
    ...(seal === undefined ? [] : [`Written last: ${seal.length} bytes at ${hex32(seal.address)}`]),
    ...(beside === 0
      ? []
      : [`Beside the image: ${sizeText(beside)}, which ${REMAINDER_TEXT[plan.remainder]}`]),
    ...plan.warnings.map((warning) => `Note: ${warning}`),
    `${sizeText(plan.imageBytes)} of image, about ${timeText(plan.estimateMs)}. Nothing was touched.`,
  ].join("\n");
}
