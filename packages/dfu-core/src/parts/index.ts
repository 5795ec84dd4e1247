export {
  type BankDecision,
  type BankMode,
  type BankRule,
  type BankSectors,
  bankRulesOf,
  decisionAt,
} from "./banks.ts";
export { eepromTime, eraseTime, FAMILIES, programTime, UNKNOWN_FAMILY } from "./families.ts";
export {
  type EepromRules,
  FAMILY_NAMES,
  type Family,
  type FamilyName,
  type Part,
  type ReadProtection,
  type SectorTime,
} from "./part.ts";
export { bareChipName, partNamed } from "./part-named.ts";
export { PARTS } from "./parts.ts";
export { isSharedSerial } from "./shared-serial.ts";
