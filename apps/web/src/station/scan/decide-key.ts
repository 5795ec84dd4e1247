/** What of a key event and of the page decides what the key does. */
export interface KeyMoment {
  readonly key: string;
  readonly repeat: boolean;
  /** Part of an input method's composition. */
  readonly composing: boolean;
  /** Control, Alt or Meta is held. */
  readonly modified: boolean;
  readonly inField: boolean;
  /** The focus is on a button, which wants its own Space and Enter. */
  readonly onControl: boolean;
  readonly fieldEmpty: boolean;
  /** Milliseconds from the key that handed a line in to this one; infinite before the first. */
  readonly sinceLine: number;
}

export type KeyAction =
  /** Leave it to the browser. */
  | "pass"
  | "ignore"
  /** Put the character into the field although the focus is elsewhere. */
  | "type"
  | "submit"
  | "clear"
  | "start"
  | "acknowledge"
  | "call-lead"
  | "language"
  | "sound";

/** Scanners that end a line in CR LF send a second Enter; it must not start a unit. */
const ECHO_MS = 300;

const COMMANDS: Readonly<Record<string, KeyAction>> = {
  F2: "call-lead",
  F4: "language",
  F9: "sound",
};

/** The one rule book of the keyboard: everything a scanner or a hand types is heard, wherever the focus is. */
export function decideKey(moment: KeyMoment): KeyAction {
  const { key, fieldEmpty, onControl } = moment;
  if (moment.composing || moment.modified || key === "Process" || key === "Dead") return "pass";
  const command = COMMANDS[key];
  if (command !== undefined) return moment.repeat ? "ignore" : command;
  if (key === "Escape") return moment.repeat ? "ignore" : fieldEmpty ? "acknowledge" : "clear";
  if (key === "Enter") {
    if (moment.repeat) return "ignore";
    if (!fieldEmpty) return "submit";
    if (moment.sinceLine < ECHO_MS) return "ignore";
    return onControl ? "pass" : "start";
  }
  if (key === " " && fieldEmpty) {
    if (moment.repeat) return "ignore";
    return onControl ? "pass" : "start";
  }
  if ([...key].length !== 1) return "pass";
  if (moment.repeat) return "ignore";
  return moment.inField ? "pass" : "type";
}
