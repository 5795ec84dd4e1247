import { FlashlineError, Id, isStorableText, Timestamp } from "@flashline/contract";
import { z } from "zod";

/** A place in a list of units: the row behind which the list goes on, by what orders it. */
export interface UnitCursor {
  readonly order: "worked" | "serial";
  /** When it was worked on in ISO 8601, "-infinity" where nobody did; or its serial. */
  readonly at: string;
  readonly id: string;
}

const Written = z.union([
  z.tuple([z.literal("worked"), z.union([z.literal("-infinity"), Timestamp]), Id]),
  z.tuple([z.literal("serial"), z.string().max(64).refine(isStorableText), Id]),
]);

export const cursorOf = ({ order, at, id }: UnitCursor): string =>
  Buffer.from(JSON.stringify([order, at, id])).toString("base64url");

/** Throws `request.invalid` for a text that is no `cursor` of a unit. */
export function readCursor(written: string): UnitCursor {
  try {
    const json: unknown = JSON.parse(Buffer.from(written, "base64url").toString());
    const [order, at, id] = Written.parse(json);
    return { order, at, id };
  } catch (cause) {
    throw new FlashlineError(
      "request.invalid",
      "after: take the cursor of a row of the list before.",
      { cause },
    );
  }
}
