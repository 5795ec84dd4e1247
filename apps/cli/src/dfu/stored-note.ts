import { z } from "zod";

/** A note as it is on the disk. */
export const StoredNote = z.object({
  unit: z.string(),
  since: z.string(),
  ranges: z.array(z.object({ address: z.number(), length: z.number() })),
});
