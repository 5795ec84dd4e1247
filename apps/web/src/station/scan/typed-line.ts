import { lineOf, type Stroke } from "../../shared/strokes.ts";

/** What is in the field, with the times at which it came: a scanner's strokes are told from a person's by them. */
export interface TypedLine {
  /** A key that the browser puts into the field by itself. */
  heard(char: string, at: number): void;
  /** A key that came while the focus was elsewhere. */
  add(char: string, at: number): void;
  clear(): void;
  /** The line without Enter; the field is empty afterwards. */
  take(): string;
}

/** What is on a badge is nobody's to read: from its prefix on the field shows dots. */
function hide({ value, dataset, classList }: HTMLInputElement): void {
  const prefix = dataset["badge"];
  const isBadge = prefix !== undefined && value.toUpperCase().startsWith(prefix.toUpperCase());
  classList.toggle("hidden", isBadge);
}

export function typedLine(field: HTMLInputElement): TypedLine {
  let strokes: Stroke[] = [];
  field.addEventListener("input", () => hide(field));
  const heard = (char: string, at: number): void => {
    // Emptied by hand.
    if (field.value === "") strokes = [];
    strokes.push({ char, at });
  };
  const clear = (): void => {
    strokes = [];
    field.value = "";
    hide(field);
  };
  return {
    heard,
    add(char, at) {
      heard(char, at);
      field.value += char;
      hide(field);
    },
    clear,
    take() {
      const { value } = field;
      const all = strokes.map((stroke) => stroke.char).join("") === value;
      const text = all ? lineOf(strokes).text : value.trim();
      clear();
      return text;
    },
  };
}
