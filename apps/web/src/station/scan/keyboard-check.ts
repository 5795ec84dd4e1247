import { Barcode } from "@flashline/contract";

/** What a barcode that checks the keyboard says: letters that layouts swap, both cases, and the signs that they move. */
export const KEYBOARD_CHECK = "FL-KEYS-aZyQwM:/09";

/** How scanner and PC understand each other. */
export type KeyboardFinding =
  | { readonly kind: "right" }
  | { readonly kind: "caps" }
  /** Both are languages by BCP 47: the layouts that they work with. */
  | { readonly kind: "layout"; readonly pc: string; readonly scanner: string }
  /** Wrong, and not by a layout that is known here. */
  | { readonly kind: "odd" };

/** Keys in rows, first without Shift and then with it, in the same order for every layout. */
const ENGLISH = [
  "`1234567890-=qwertyuiop[]asdfghjkl;'\\zxcvbnm,./",
  '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"|ZXCVBNM<>?',
].join("");
/** What the keys of {@link ENGLISH} type under Windows' other layouts. */
const LAYOUTS: Readonly<Record<string, string>> = {
  de: [
    "^1234567890ß´qwertzuiopü+asdfghjklöä#yxcvbnm,.-",
    "°!\"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄ'YXCVBNM;:_",
  ].join(""),
  fr: [
    "²&é\"'(-è_çà)=azertyuiop^$qsdfghjklmù*wxcvbn,;:!",
    "~1234567890°+AZERTYUIOP¨£QSDFGHJKLM%µWXCVBN?./§",
  ].join(""),
  es: [
    "º1234567890'¡qwertyuiop`+asdfghjklñ´çzxcvbnm,.-",
    'ª!"·$%&/()=?¿QWERTYUIOP^*ASDFGHJKLÑ¨ÇZXCVBNM;:_',
  ].join(""),
  it: [
    "\\1234567890'ìqwertyuiopè+asdfghjklòàùzxcvbnm,.-",
    '|!"£$%&/()=?^QWERTYUIOPé*ASDFGHJKLç°§ZXCVBNM;:_',
  ].join(""),
};

function retyped(text: string, from: string, to: string): string {
  const keys = [...from];
  const typed = [...to];
  return [...text].map((char) => typed[keys.indexOf(char)] ?? char).join("");
}

const swappedCase = (text: string): string =>
  [...text]
    .map((char) => (char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase()))
    .join("");

const COMMANDS: ReadonlySet<string> = new Set([
  ...[Barcode.Start, Barcode.Cancel, Barcode.Ok, Barcode.Reprint],
]);

/** Whether a barcode of the station's sheet says this. CAPS LOCK alone spoils no command. */
function isOfTheSheet(text: string): boolean {
  const upper = text.toUpperCase();
  return (
    upper === KEYBOARD_CHECK.toUpperCase() || COMMANDS.has(upper) || upper.startsWith(Barcode.Nest)
  );
}

/**
 * What a scanned line says about the keyboard: null where it says nothing. The check barcode says all; of a command that came in spoilt
 * the layout shows as well.
 */
export function checkKeyboard(line: string): KeyboardFinding | null {
  if (line === KEYBOARD_CHECK) return { kind: "right" };
  if (swappedCase(line) === KEYBOARD_CHECK) return { kind: "caps" };
  if (!isOfTheSheet(line)) {
    for (const [language, layout] of Object.entries(LAYOUTS)) {
      if (isOfTheSheet(retyped(line, layout, ENGLISH))) {
        return { kind: "layout", pc: language, scanner: "en" };
      }
      if (isOfTheSheet(retyped(line, ENGLISH, layout))) {
        return { kind: "layout", pc: "en", scanner: language };
      }
    }
  }
  return /^FL.KEYS/i.test(line) ? { kind: "odd" } : null;
}
