import { z } from "zod";

const count = z.number().int();

/** What a preflight tells of a golden unit. */
export const GoldenScan = z.object({
  /** Checks that its cycles allow. */
  left: count,
  /** A run waits here: so many of so many are made. */
  run: z.object({ made: count, times: count }).nullable(),
});
export type GoldenScan = z.infer<typeof GoldenScan>;

/** What a station has to know of golden units. */
export const GoldenSetup = z.object({
  /** Serials of its plant's golden units: they need not look like those of its orders. */
  serials: z.array(z.string()),
  /** By nest: when its check is due, and whether nothing else starts then. */
  nests: z.array(z.object({ name: z.string(), dueAt: z.string(), blocks: z.boolean() })),
});
export type GoldenSetup = z.infer<typeof GoldenSetup>;
