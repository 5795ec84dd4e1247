/** A kind of file that is no firmware. */
export interface FileKind {
  /** With its article: "a ZIP archive". */
  readonly name: string;
  /** What its owner can do, as a sentence. */
  readonly advice: string;
}

export const UNPACK = "Unpack it and use the firmware file inside.";
export const ANOTHER_FILE = "Use the firmware file that the build made.";
