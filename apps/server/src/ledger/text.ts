import { plainText } from "../db/json-text.ts";

/** Of names and ids: an index keeps no longer ones. UTF-16 units. */
const LONGEST = 200;

/** Cuts a name or an id to the length that a column of the ledger takes. Null where nothing was given. */
export const short = (text: string | undefined): string | null =>
  text === undefined ? null : plainText(text, LONGEST);
