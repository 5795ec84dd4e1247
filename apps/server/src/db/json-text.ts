/** Escapes that JSON allows and PostgreSQL's jsonb refuses: NUL, and halves of surrogate pairs. */
const UNSTORABLE = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/**
 * JSON that PostgreSQL takes. A unit's serial string or an error's detail may hold anything that was read from a wire; what
 * cannot be stored becomes U+FFFD here, and stays as it was in the attempt's body.
 */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(UNSTORABLE, "$1\\ufffd");
}

/** The same for a text column. */
export const plainText = (text: string): string => text.replaceAll("\0", "\ufffd");
