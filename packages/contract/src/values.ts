import { z } from "zod";
import { Name, Serial, text } from "./common.ts";
import { ValueName } from "./patch.ts";

/** The largest number that every part of the way carries exactly. */
const Whole = z.union(
  [
    z.int().min(0).max(Number.MAX_SAFE_INTEGER),
    z
      .string()
      .regex(/^0x[0-9a-f]{1,13}$/i)
      .transform(Number),
  ],
  { error: "expected a whole number, or a string such as 0x70b3d5123000" },
);
const LAST_MAC = 0xffff_ffff_ffff;

/**
 * Numbers of which each unit of a product gets one, once. Adding another stretch under the same name goes on with it when
 * the first is used up. Stretches of `mac` addresses never overlap, whatever their products.
 */
export const RangeRequest = z
  .object({
    product: Name,
    name: ValueName,
    kind: z.enum(["counter", "mac"]).default("counter"),
    first: Whole,
    last: Whole,
  })
  .refine(({ first, last }) => first <= last, { path: ["last"], error: "is below first" })
  .refine(({ kind, last }) => kind !== "mac" || last <= LAST_MAC, {
    path: ["last"],
    error: "a MAC address has 48 bits",
  });

/** A range of numbers, first and last included. */
export const RangeView = z.object({
  product: z.string(),
  name: z.string(),
  kind: z.string(),
  first: z.number().int(),
  last: z.number().int(),
  /** Numbers that no unit has yet. */
  left: z.number().int(),
});
export type RangeView = z.infer<typeof RangeView>;

const Values = z.record(ValueName, text(4096));

/** Values of units, under the names of the fields that take them. Units that are new are registered. */
export const GiveValuesRequest = z.object({
  product: Name,
  units: z
    .array(
      z.object({
        serial: Serial,
        values: Values.default({}),
        /** For fields that are secret. Kept sealed until the unit has passed, and no longer than `keepHours`. */
        secrets: Values.default({}),
      }),
    )
    .min(1)
    .max(1000),
  keepHours: z.int().min(1).max(720).default(168),
});
/** How many units got values. */
export const ValuesGiven = z.object({ units: z.number().int() });

/** What a unit has been given, as a page shows it. */
export const UnitValueView = z.object({
  name: z.string(),
  /** Null of a secret. */
  value: z.string().nullable(),
  source: z.enum(["range", "given", "secret"]),
});
