import { isStorableText } from "./common.ts";
import { FlashlineError } from "./error.ts";

/** What every label may show of its unit, beside the unit's own data by the names of the release's fields. */
export const LABEL_VALUES = {
  serial: "the unit's serial, as it was scanned",
  product: "the product's name",
  release: "the version that was flashed",
  order: "the work order's number",
  revision: "the revision of the unit's board; empty where none is known",
  station: "the station that prints",
  date: "the day of the print by the plant's clock, 2026-11-29",
} as const;
/** A key of {@link LABEL_VALUES}. */
export type LabelValue = keyof typeof LABEL_VALUES;

/** Longest template, UTF-16 units: a logo as ^GFA fits. */
export const MOST_LABEL_TEMPLATE = 32_000;
/** Longest text that a scanner is believed, as the station takes it. */
const MOST_SCANNED = 200;

interface Placeholder {
  readonly name: string;
  /** Hexadecimal digits of a number; undefined: as it is. */
  readonly digits: number | undefined;
  /** The character of ^FH that is on there; undefined: none. */
  readonly sign: string | undefined;
  /** The field is a Code 128 barcode, in which ">" calls another code set. */
  readonly isCode128: boolean;
}

/** A text with places for a unit's values, read and found to be sound. */
export interface LabelTemplate {
  readonly parts: readonly (string | Placeholder)[];
  /** What it takes, each once. */
  readonly names: readonly string[];
}

const invalid = (what: string): FlashlineError =>
  new FlashlineError("label.template_invalid", what, { parameters: { what } });

const PLACEHOLDER = /^\{([A-Za-z][\w.-]{0,63})(?::hex(\d{1,2}))?\}/;
/** They give ^, ~ and the comma's place to other characters: then nobody can say what a value would do. */
const RENAMING = new Set(["CC", "CT", "CD"]);
const CONTROL = /[^\P{Cc}\t\r\n]/u;

/** Where in the ZPL a reader stands. */
class Field {
  inData = false;
  sign: string | undefined;
  isCode128 = false;

  /** Takes the command that begins `rest` with ^ or ~. */
  command(rest: string): void {
    const name = rest.slice(1, 3).toUpperCase();
    if (RENAMING.has(name)) throw invalid(`${rest.slice(0, 3)} renames the signs of commands.`);
    this.inData = rest.startsWith("^") && (name === "FD" || name === "FV");
    if (name === "FH") this.sign = /^\^FH([^^~])/i.exec(rest)?.[1] ?? "_";
    if (name === "BC") this.isCode128 = true;
    if (["FS", "XA", "XZ", "FO", "FT"].includes(name)) {
      this.sign = undefined;
      this.isCode128 = false;
    }
  }
}

/** Text with `{name}`, `{name:hex12}`, and `{{` and `}}` for braces. `onText` sees what is between, character by character. */
function readParts(
  text: string,
  onText: (rest: string) => void,
  place: (name: string) => Pick<Placeholder, "sign" | "isCode128">,
): LabelTemplate {
  const parts: (string | Placeholder)[] = [];
  let plain = "";
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at, at + 80);
    const [sign = ""] = rest;
    if (rest.startsWith("{{") || rest.startsWith("}}")) {
      plain += sign;
      at += 2;
      continue;
    }
    if (sign !== "{" && sign !== "}") {
      onText(rest);
      plain += sign;
      at += 1;
      continue;
    }
    const [all, name = "", digits] = PLACEHOLDER.exec(rest) ?? [];
    if (all === undefined) {
      throw invalid(`"${rest.slice(0, 20)}" is no placeholder such as {serial}; write {{ for {.`);
    }
    const width = digits === undefined ? undefined : Number(digits);
    if (width !== undefined && (width < 1 || width > 16)) {
      throw invalid(`${all}: 1 to 16 hexadecimal digits.`);
    }
    parts.push(plain, { name, digits: width, ...place(name) });
    plain = "";
    at += all.length;
  }
  parts.push(plain);
  const names = parts.flatMap((part) => (typeof part === "string" ? [] : [part.name]));
  return { parts, names: [...new Set(names)] };
}

const count = (text: string, command: string): number =>
  text.toUpperCase().split(command).length - 1;

/**
 * Reads a label's ZPL. A placeholder stands only in a field's data, so that a value is never read as a command or as one's parameter.
 * @throws FlashlineError `label.template_invalid`
 */
export function readLabelTemplate(zpl: string): LabelTemplate {
  if (zpl.length > MOST_LABEL_TEMPLATE) {
    throw invalid(`It has ${zpl.length} characters; at most ${MOST_LABEL_TEMPLATE} are taken.`);
  }
  if (CONTROL.test(zpl) || !isStorableText(zpl)) throw invalid("It has control characters.");
  const formats = count(zpl, "^XA");
  if (formats === 0 || formats !== count(zpl, "^XZ") || !/\^XZ\s*$/i.test(zpl)) {
    throw invalid("It is no ZPL format: from ^XA to ^XZ, and nothing behind it.");
  }
  const field = new Field();
  return readParts(
    zpl,
    (rest) => {
      if (rest.startsWith("^") || rest.startsWith("~")) field.command(rest);
    },
    (name) => {
      if (!field.inData) throw invalid(`{${name}} stands outside of a field's data (^FD ... ^FS).`);
      return { sign: field.sign, isCode128: field.isCode128 };
    },
  );
}

/**
 * Reads what the label's code says, "{serial}" or "https://example.com/{serial}".
 * @throws FlashlineError `label.template_invalid`; also without {serial}: two labels could not be told apart
 */
export function readScanBack(text: string): LabelTemplate {
  const template = readParts(
    text,
    () => undefined,
    () => ({ sign: undefined, isCode128: false }),
  );
  if (!template.names.includes("serial")) {
    throw invalid("What is scanned back must say {serial}: labels are told apart by it.");
  }
  return template;
}

/** Values by the names that a template takes. */
export type LabelValues = Readonly<Record<string, string>>;

function shownValue({ name, digits }: Placeholder, values: LabelValues): string {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) {
    throw new FlashlineError(
      "label.value_missing",
      `The label shows {${name}}, which is not there.`,
      {
        parameters: { name },
      },
    );
  }
  if (digits === undefined) return value;
  if (!/^\d{1,20}$/.test(value)) {
    throw unprintable(name, `is no number, and the label shows it in hexadecimal`);
  }
  const hex = BigInt(value).toString(16).toUpperCase();
  if (hex.length > digits) throw unprintable(name, `has more than ${digits} hexadecimal digits`);
  return hex.padStart(digits, "0");
}

const unprintable = (name: string, why: string): FlashlineError =>
  new FlashlineError("label.value_unprintable", `The value of {${name}} ${why}.`, {
    parameters: { name },
  });

/** Of these no command, escape or code set is made. */
const HARMLESS = /[A-Za-z0-9 .,:;/+()#*=-]/;

/** The UTF-8 bytes of a character, in hexadecimal. */
function bytesOf(char: string): readonly string[] {
  const encoded = encodeURIComponent(char);
  if (encoded.startsWith("%")) return encoded.slice(1).split("%");
  return [char.charCodeAt(0).toString(16).toUpperCase()];
}

function escaped(value: string, sign: string): string {
  return [...value]
    .map((char) =>
      HARMLESS.test(char) && char !== sign
        ? char
        : bytesOf(char)
            .map((byte) => sign + byte)
            .join(""),
    )
    .join("");
}

/** A value as it stands in a field's data: it is data there, whatever it says. */
function inField(place: Placeholder, value: string): string {
  const { name, sign, isCode128 } = place;
  if (isCode128 && value.includes(">")) {
    throw unprintable(name, "has a >, which in a Code 128 barcode calls another code set");
  }
  if (sign !== undefined) return escaped(value, sign);
  if (/[\^~]|[^ -~]/.test(value)) {
    throw unprintable(
      name,
      "has a sign that is a command or no ASCII; ^FH before its ^FD lets it through",
    );
  }
  return value;
}

/**
 * The ZPL of one unit's label.
 * @throws FlashlineError `label.value_missing`, `label.value_unprintable`
 */
export const labelZpl = ({ parts }: LabelTemplate, values: LabelValues): string =>
  parts
    .map((part) => (typeof part === "string" ? part : inField(part, shownValue(part, values))))
    .join("");

/**
 * What a scanner reads from one unit's label.
 * @throws FlashlineError `label.value_missing`, `label.value_unprintable`
 */
export function labelCode({ parts }: LabelTemplate, values: LabelValues): string {
  const code = parts
    .map((part) => (typeof part === "string" ? part : shownValue(part, values)))
    .join("");
  if (code.length > MOST_SCANNED)
    throw unprintable("serial", "makes a code too long to be scanned");
  return code;
}
