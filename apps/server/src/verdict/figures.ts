import { HostBlame, HostSentence, RUNGS } from "@flashline/contract";
import { z } from "zod";

/** What is published of a host, beside its verdict. */
export const HostFigures = z.object({
  rung: z.enum(RUNGS),
  sentence: HostSentence,
  r: z.number(),
  d: z.number(),
  repaired: z.boolean(),
  flagged: z.boolean(),
  blame: HostBlame.nullable(),
});
export type HostFigures = z.infer<typeof HostFigures>;
