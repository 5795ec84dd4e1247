import { z } from "zod";

/** A part of the address that is not understood is left out rather than refused. */
export const text = z.string().min(1).optional().catch(undefined);
