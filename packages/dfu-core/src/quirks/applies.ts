import { UNKNOWN_FAMILY } from "../parts/families.ts";
import type { Family, FamilyName } from "../parts/part.ts";

/** Whether a quirk of some families concerns this one; an unknown unit borrows rules, not quirks. */
export const concerns = (
  quirk: { readonly families: readonly FamilyName[] },
  family: Family,
): boolean => family !== UNKNOWN_FAMILY && quirk.families.includes(family.name);
