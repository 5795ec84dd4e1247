/** A kind of file that is no firmware. */
export interface FileKind {
  /** With its article: "a ZIP archive". */
  readonly name: string;
  /** What its owner can do, as a sentence. */
  readonly advice: string;
  /** No reader knows the content: it may be firmware all the same, under a name that does not say so. */
  readonly unknown?: true;
}

export const UNPACK = "Unpack it and use the firmware file inside.";
export const ANOTHER_FILE = "Use the firmware file that the build made.";
