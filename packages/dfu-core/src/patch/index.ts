export { applyPatches, type ContentHash, type PatchedImage } from "./apply-patches.ts";
export type {
  CrcRule,
  PatchField,
  PatchValue,
  PatchValues,
} from "./field.ts";
