export { applyPatches, type PatchedImage } from "./apply-patches.ts";
export type {
  BcdField,
  BytesField,
  CrcField,
  CrcRule,
  Endian,
  PatchField,
  PatchValue,
  PatchValues,
  TextField,
  UintField,
  ValueField,
} from "./field.ts";
