import { normaliseSerial } from "@flashline/contract";
import type { LabelRecord } from "./record.ts";

const isSign = (char: string | undefined): boolean =>
  char === undefined || !/[\p{L}\p{N}]/u.test(char);

/** Whether the text names the serial as a word of its own: "HTTPS://X/MC2-1" names MC2-1, "MC2-12" does not. */
function names(text: string, serial: string): boolean {
  for (let at = text.indexOf(serial); at >= 0; at = text.indexOf(serial, at + 1)) {
    if (isSign(text[at - 1]) && isSign(text[at + serial.length])) return true;
  }
  return false;
}

/** Whether a scan is of this label. Where nobody said what its code says, the serial has to be in it. */
export function isOwnLabel(scanned: string, { code, serial }: LabelRecord): boolean {
  const text = normaliseSerial(scanned);
  return code === null ? names(text, serial) : text === normaliseSerial(code);
}
