import { isDfuse } from "./dfuse.ts";
import { isElf } from "./elf.ts";
import type { ImageFormat } from "./image.ts";
import { ANOTHER_FILE, type FileKind } from "./kinds/file-kind.ts";
import { endingOf, formatOfName, mayBeRaw } from "./kinds/file-name.ts";
import { kindBySignature } from "./kinds/signatures.ts";
import { kindByMarkup, kindOfText } from "./kinds/text.ts";
import { isHex } from "./parse-hex.ts";
import { isSrec } from "./parse-srec.ts";
import { hasSuffix, SUFFIX_LENGTH } from "./suffix.ts";
import { beginsWithVectorTable } from "./vector-table.ts";

/** What a file is, told by its content and, for bytes of no format, by its name. */
export type Recognition =
  | {
      readonly kind: "firmware";
      readonly format: ImageFormat;
      /** Where the name promises another format than the content has. */
      readonly note: string | undefined;
    }
  | { readonly kind: "other"; readonly is: FileKind };

/** What a file of the format has at its beginning; raw content has no mark. */
export const FORMAT_MARKS: readonly {
  readonly format: Exclude<ImageFormat, "raw">;
  readonly name: string;
  readonly mark: string;
  readonly matches: (bytes: Uint8Array) => boolean;
}[] = [
  { format: "dfuse", name: "DfuSe", mark: 'the signature "DfuSe"', matches: isDfuse },
  { format: "elf", name: "ELF", mark: "the signature 7f 45 4c 46", matches: isElf },
  { format: "hex", name: "Intel HEX", mark: "Intel HEX records", matches: isHex },
  { format: "srec", name: "S-record", mark: "S-records", matches: isSrec },
];

const nameOf = (format: ImageFormat): string =>
  FORMAT_MARKS.find((entry) => entry.format === format)?.name ?? "raw";

/**
 * Tells what a file is. It fails closed: content that no reader knows is raw only under a name that allows it (`.bin`, `.img`,
 * `.raw`, or no ending) and when it is neither text nor of a kind that is known not to be firmware. Content that begins with
 * a vector table is never mistaken for such a kind, whatever it holds further on.
 */
export function recogniseFile(bytes: Uint8Array, name = ""): Recognition {
  const vectors = beginsWithVectorTable(bytes);
  const suffixed = hasSuffix(bytes);
  const content = suffixed ? bytes.subarray(0, bytes.length - SUFFIX_LENGTH) : bytes;
  const other = vectors ? undefined : (kindBySignature(content) ?? kindByMarkup(content));
  if (other !== undefined) return { kind: "other", is: other };
  const format = FORMAT_MARKS.find(({ matches }) => matches(bytes))?.format;
  if (format !== undefined) return firmware(format, name);
  const text = vectors ? undefined : kindOfText(content);
  if (text !== undefined) return { kind: "other", is: text };
  // A DFU suffix has a checksum, and other tools put it on files of any name.
  if (suffixed) return firmware("raw", formatOfName(name) === "dfuse" ? "" : name);
  return mayBeRaw(name) ? firmware("raw", name) : { kind: "other", is: unknown(name) };
}

function firmware(format: ImageFormat, name: string): Recognition {
  const promised = formatOfName(name);
  const note =
    promised === undefined || promised === format
      ? undefined
      : `the name ends in .${endingOf(name)}, the content is ${nameOf(format)} and is read as that`;
  return { kind: "firmware", format, note };
}

function unknown(name: string): FileKind {
  const promised = formatOfName(name);
  const ending = endingOf(name);
  return {
    name:
      promised === undefined
        ? `content that no reader knows, under a name (.${ending}) that does not say that it is raw`
        : `content that no reader knows, under a name that promises ${promised === "dfuse" ? "a DFU file" : nameOf(promised)}`,
    advice: ANOTHER_FILE,
    unknown: true,
  };
}
