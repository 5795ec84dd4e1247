/** Hears scanners that type a character as its number on the keypad while Alt is held, which no keyboard layout spoils. */
export interface AltCodes {
  /** A key went down; whether it is part of a number, and so nothing of the browser's. */
  down(key: {
    readonly code: string;
    readonly altKey: boolean;
    readonly ctrlKey: boolean;
  }): boolean;
  /** A key went up: the character that is complete with it, or null. */
  up(key: string): string | null;
}

const DIGIT = /^Numpad(\d)$/;
const windows1252 = new TextDecoder("windows-1252");
/** Matches no serial's pattern, so that a number which cannot be read loses the scan, and does not shorten it. */
const UNREADABLE = "\ufffd";

export function altCodes(): AltCodes {
  let digits = "";
  return {
    down({ code, altKey, ctrlKey }) {
      const digit = altKey && !ctrlKey ? DIGIT.exec(code)?.[1] : undefined;
      digits = digit === undefined ? "" : digits + digit;
      return digit !== undefined;
    },
    up(key) {
      if (key !== "Alt" || digits === "") return null;
      const char = charOf(digits);
      digits = "";
      return char;
    },
  };
}

/** A number is ASCII. Above that it depends: with a leading zero it is of Windows' code page, without one of an old one of DOS. */
function charOf(digits: string): string {
  const number = Number(digits);
  if (number < 128) return String.fromCharCode(number);
  if (number > 255 || !digits.startsWith("0")) return UNREADABLE;
  return windows1252.decode(Uint8Array.of(number));
}
