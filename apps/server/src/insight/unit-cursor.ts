import { FlashlineError, Id, isStorableText, Timestamp, type UnitSort } from "@flashline/contract";
import { z } from "zod";

/** A place in a list of units: the row behind which the list goes on, by what orders it. */
export interface UnitCursor {
  readonly order: "worked" | "serial" | `by ${UnitSort}`;
  /** When it was worked on in ISO 8601, "-infinity" where nobody did; or its serial. */
  readonly at: string;
  readonly id: string;
}

/** Of a list that was asked for by a sort: it goes on only with the same one. */
export const orderOf = (sort: UnitSort): `by ${UnitSort}` => `by ${sort}`;

const WORKED = z.union([z.literal("-infinity"), Timestamp]);
const SERIAL = z.string().max(64).refine(isStorableText);
const Written = z.union([
  z.tuple([z.enum(["worked", "by worked", "by -worked"]), WORKED, Id]),
  z.tuple([z.enum(["serial", "by serial", "by -serial"]), SERIAL, Id]),
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
