export { FAMILY_NAMES, type FamilyName } from "./part.ts";
