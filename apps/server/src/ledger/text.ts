import { plainText } from "../db/json-text.ts";

/** Of names and ids: an index keeps no longer ones. UTF-16 units. */
const LONGEST = 200;

/** A name or an id as a column of the ledger takes it; null where there is none. */
export const short = (text: string | undefined): string | null =>
  text === undefined ? null : plainText(text, LONGEST);
