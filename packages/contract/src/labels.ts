import { z } from "zod";
import { Id, Name, Serial, Timestamp, text } from "./common.ts";
import { Reason } from "./holds.ts";
import { MOST_LABEL_TEMPLATE } from "./label-template.ts";

/** What a label's code says once it was scanned: null where nobody scans it. */
const ScanBack = text(150, 1).nullable();

/** The label of a product's units; null: they get none. */
export const LabelRequest = z.object({
  /** ZPL with placeholders. */
  template: text(MOST_LABEL_TEMPLATE, 1).nullable(),
  /** Text with placeholders; {@link LeasedLabel.scanBack}. */
  scanBack: ScanBack.default(null),
  reason: Reason,
});
/** The label of a product's units, and what it may show. */
export const LabelView = z.object({
  product: z.string(),
  template: z.string().nullable(),
  scanBack: z.string().nullable(),
  /** Names of values that its units have: those of every unit, and of its releases' fields. Never a secret. */
  placeholders: z.array(z.string()),
});
export type LabelView = z.infer<typeof LabelView>;

/** A label as it would be printed. Without a template: of the product's own. */
export const LabelPreviewRequest = z.object({
  serial: Serial,
  template: text(MOST_LABEL_TEMPLATE, 1).optional(),
  scanBack: ScanBack.optional(),
});
/** What would go to the printer, and what its code would say. */
export const LabelPreview = z.object({
  zpl: z.string(),
  code: z.string().nullable(),
  /** Values that are made up, because the unit has none yet. */
  madeUp: z.array(z.string()),
});
export type LabelPreview = z.infer<typeof LabelPreview>;

/** The label of a leased job's unit. The station fills it in: it knows the serial, and the day. */
export const LeasedLabel = z.object({
  template: z.string(),
  /** What the printed label must say when it is scanned; null: it is not scanned back. */
  scanBack: z.string().nullable(),
});
export type LeasedLabel = z.infer<typeof LeasedLabel>;

/** Why a label is printed once more, as the station offers it; the words go into the records. */
export const REPRINT_REASONS = {
  missing: "No label came out",
  damaged: "Damaged, or stuck on crooked",
  unreadable: "Cannot be scanned",
  lost: "Lost",
} as const;
/** A key of {@link REPRINT_REASONS}. */
export type ReprintReason = keyof typeof REPRINT_REASONS;
/** All of {@link REPRINT_REASONS}. */
export const REPRINTS = Object.keys(REPRINT_REASONS) as [ReprintReason, ...ReprintReason[]];

/** What became of a label, one after the other. */
export const LABEL_DEEDS = {
  printed: "The printer took the label.",
  doubtful: "The print was cut off: whether there is a label is not known.",
  scanned: "The unit's own label was scanned.",
  mixed: "Another code than the unit's own was scanned.",
  reprint: "It was to be printed once more.",
  skipped: "The unit went on without a label, by a person's word.",
  "no-printer": "The station has no printer: the unit went on without a label.",
} as const;
/** A key of {@link LABEL_DEEDS}. */
export type LabelDeed = keyof typeof LABEL_DEEDS;

/** Most entries of one label. */
export const MOST_LABEL_ENTRIES = 300;

/** One entry of a label's history. */
export const LabelEntry = z.object({
  /** From 0, without a gap. */
  n: z
    .number()
    .int()
    .min(0)
    .max(MOST_LABEL_ENTRIES - 1),
  /** The station's clock. */
  at: Timestamp,
  deed: z.enum(Object.keys(LABEL_DEEDS) as [LabelDeed, ...LabelDeed[]]),
  reason: text(500).nullable(),
  /** What was scanned, where that was another code. */
  scanned: text(200).nullable(),
  /** Id of who was logged in; null: nobody was. */
  operator: Id.nullable(),
});
export type LabelEntry = z.infer<typeof LabelEntry>;

/** The whole history of an attempt's label until now: what came before is sent again, and must be the same. */
export const LabelReport = z.object({
  entries: z.array(LabelEntry).min(1).max(MOST_LABEL_ENTRIES),
});
/** How many entries the server has of it. */
export const LabelReported = z.object({ entries: z.number().int() });

/** An entry as a unit's page shows it. */
export const LabelEntryView = z.object({
  attemptId: Id,
  at: z.string(),
  deed: z.string(),
  reason: z.string().nullable(),
  scanned: z.string().nullable(),
  station: z.string(),
  nest: z.string(),
  /** Name of who was logged in; null: nobody, or they are erased. */
  operator: z.string().nullable(),
});
export type LabelEntryView = z.infer<typeof LabelEntryView>;

const isDeed = (deed: string): deed is LabelDeed => Object.hasOwn(LABEL_DEEDS, deed);
/** What an entry says, in English; a deed that this version does not know stands as it came. */
export function labelSentence({
  deed,
  reason,
  scanned,
}: Pick<LabelEntryView, "deed" | "reason" | "scanned">): string {
  const said = isDeed(deed) ? LABEL_DEEDS[deed] : `${deed}.`;
  return [said, ...[reason, scanned].flatMap((text) => (text === null ? [] : [`"${text}"`]))].join(
    " ",
  );
}

/** How far a label is while its nest waits for it. */
export const LabelStage = z.enum([
  /** Another label is before it. */
  "waiting",
  "printing",
  /** The printer did not take it: nothing came out. */
  "trouble",
  /** The print was cut off: a label may have come out. */
  "doubtful",
  /** It came out, and is to be scanned. */
  "scan",
]);
export type LabelStage = z.infer<typeof LabelStage>;

/** What a person says about a label: print it again and why, go on without one, or nothing. */
export const LABEL_DECISIONS = [...REPRINTS, "skip"] as const;
/** One of {@link LABEL_DECISIONS}. */
export type LabelDecision = (typeof LABEL_DECISIONS)[number];

/** Asks the station for a label once more: of the nest's unit, or of the next one that is scanned. */
export const AskLabelRequest = z.object({ nest: Name.nullable().default(null) });
/** The answer to what the station asks then; null: nothing is printed. */
export const DecideLabelRequest = z.object({ decision: z.enum(LABEL_DECISIONS).nullable() });
