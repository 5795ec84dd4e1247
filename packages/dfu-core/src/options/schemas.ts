import type { FamilyName } from "../parts/part.ts";
import { F0_OPTIONS, F1_OPTIONS, F3_OPTIONS } from "./families/f0.ts";
import { F4_OPTIONS, F42X_OPTIONS } from "./families/f4.ts";
import { F7_OPTIONS } from "./families/f7.ts";
import { G0_OPTIONS } from "./families/g0.ts";
import { G4_OPTIONS, G47X_OPTIONS } from "./families/g4.ts";
import { H7_OPTIONS } from "./families/h7.ts";
import { L4_OPTIONS, L4R_OPTIONS } from "./families/l4.ts";
import { L5_OPTIONS } from "./families/l5.ts";
import { U5_OPTIONS } from "./families/u5.ts";
import type { OptionSchema } from "./schema.ts";

/**
 * Every chip class whose option bytes can be shown by name, and written but where the table is read-only. virtual-stm32 builds its
 * blocks from a table of its own (option-bytes/rules.ts).
 */
export const OPTION_SCHEMAS: readonly OptionSchema[] = [
  F0_OPTIONS,
  F1_OPTIONS,
  F3_OPTIONS,
  F4_OPTIONS,
  F42X_OPTIONS,
  F7_OPTIONS,
  L4_OPTIONS,
  L4R_OPTIONS,
  L5_OPTIONS,
  U5_OPTIONS,
  G0_OPTIONS,
  G4_OPTIONS,
  G47X_OPTIONS,
  H7_OPTIONS,
];

/** The schema of a family whose alternate shows exactly these zones. */
export const schemaFor = (family: FamilyName, zones: readonly number[]): OptionSchema | undefined =>
  OPTION_SCHEMAS.find(
    (schema) =>
      schema.family === family &&
      schema.zones.length === zones.length &&
      schema.zones.every((address, index) => address === zones[index]),
  );
