import { z } from "zod";

/** How many results wait for the server again, and which files held none. */
export const ResendAnswer = z.object({
  count: z.number().int(),
  unreadable: z.array(z.string()),
});
