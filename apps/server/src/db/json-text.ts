/** Escapes that JSON allows and PostgreSQL's jsonb refuses: NUL, and halves of surrogate pairs. */
const UNSTORABLE = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/**
 * JSON that PostgreSQL takes. A unit's serial string or an error's detail may hold anything that was read from a wire; what
 * cannot be stored becomes U+FFFD here, and stays as it was in the attempt's body.
 */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(UNSTORABLE, "$1\\ufffd");
}

/** Whether PostgreSQL takes every text in `value` as it is. */
export const isStorable = (value: unknown): boolean => jsonText(value) === JSON.stringify(value);

/** The same for a text column, at most `most` UTF-16 units of it; index entries of some thousand bytes are refused. */
export const plainText = (text: string, most?: number): string =>
  text.slice(0, most).replaceAll("\0", "\ufffd");
