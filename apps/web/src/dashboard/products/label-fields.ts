/** What stands at one place of a label. */
export interface LabelField {
  readonly kind: "Text" | "Code 128" | "QR" | "DataMatrix" | "barcode";
  readonly text: string;
  /** Of the upper left corner, dots; null where the ZPL does not say. */
  readonly at: readonly [x: number, y: number] | null;
}

const CODES: Readonly<Record<string, LabelField["kind"]>> = {
  BC: "Code 128",
  BQ: "QR",
  BX: "DataMatrix",
};

/** A field's data with ^FH: `sign` and two hexadecimal digits are a byte of UTF-8. */
function unhex(data: string, sign: string): string {
  const bytes: number[] = [];
  for (let at = 0; at < data.length; at += 1) {
    const digits = data.slice(at + 1, at + 3);
    if (data[at] === sign && /^[\da-f]{2}$/i.test(digits)) {
      bytes.push(Number.parseInt(digits, 16));
      at += 2;
    } else bytes.push(...new TextEncoder().encode(data[at]));
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}

/** The texts and codes that a filled-in ZPL prints, in its order. No picture: fonts, turns and logos are the printer's. */
export function labelFields(zpl: string): readonly LabelField[] {
  const fields: LabelField[] = [];
  let at: LabelField["at"] = null;
  let kind: LabelField["kind"] = "Text";
  let sign: string | null = null;
  for (const [, name = "", rest = ""] of zpl.matchAll(/\^([A-Z@][A-Z\d@]?)([^^~]*)/gi)) {
    const command = name.toUpperCase();
    if (command === "FO" || command === "FT") {
      const [x, y] = rest.split(",").map(Number);
      at = [x || 0, y || 0];
    } else if (command === "FH") sign = rest.trim()[0] ?? "_";
    else if (/^B[\dA-Z]$/.test(command) && command !== "BY") kind = CODES[command] ?? "barcode";
    else if (command === "FD" || command === "FV") {
      fields.push({ kind, at, text: sign === null ? rest : unhex(rest, sign) });
    } else if (command === "FS") {
      at = null;
      kind = "Text";
      sign = null;
    }
  }
  return fields;
}
