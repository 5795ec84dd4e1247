import {
  Barcode,
  type Code,
  isReadableSerial,
  LABEL_DECISIONS,
  type LabelDecision,
  normaliseSerial,
  OVERRIDE_ANSWERS,
  type OverrideAnswer,
  type Way,
} from "@flashline/contract";
import { serialPattern } from "@flashline/contract/pattern";
import { type Nest, serialOf } from "./nest.ts";
import { isUnseenFail, isWaiting, takesScan } from "./takes-scan.ts";

/** The same label read twice by a trigger-happy scanner is one scan within this time, milliseconds. */
const REPEAT_WITHIN_MS = 2000;

export interface ScanContext {
  readonly way: Way;
  readonly nests: readonly Nest[];
  /** The nest whose barcode was scanned last, while that counts. */
  readonly selected: string | null;
  readonly serialPattern: string | null;
  /** Golden units need not look like what this station works on. */
  readonly isGolden?: (serial: string) => boolean;
  /** What a badge begins with; null where there are none. */
  readonly badgePrefix: string | null;
  /** The next scan is a label that was printed here. */
  readonly label?: boolean;
  /** The next scan is why a refused unit may go on. */
  readonly ownWords?: boolean;
  readonly lastScan: { readonly serial: string; readonly at: number } | null;
  readonly now: number;
}

export type ScanDecision =
  | { readonly kind: "start" }
  | { readonly kind: "cancel" }
  | { readonly kind: "acknowledge" }
  /** A badge. What is on it is in no decision. */
  | { readonly kind: "badge" }
  | { readonly kind: "log-out" }
  /** Of a label that was printed here: which one it is, its printer's room knows. */
  | { readonly kind: "label"; readonly serial: string }
  | { readonly kind: "reprint" }
  | { readonly kind: "why-label"; readonly decision: LabelDecision }
  | { readonly kind: "why-override"; readonly answer: OverrideAnswer }
  | { readonly kind: "words"; readonly words: string }
  | { readonly kind: "select"; readonly nest: string }
  | { readonly kind: "assign"; readonly nest: string; readonly serial: string }
  /** For the unit that is plugged in next, in this nest or anywhere. */
  | { readonly kind: "keep"; readonly nest: string | null; readonly serial: string }
  | { readonly kind: "repeat"; readonly serial: string }
  /** No serial of what this station works on: the server may know of what. */
  | { readonly kind: "foreign"; readonly serial: string }
  | { readonly kind: "refuse"; readonly code: Code; readonly serial: string | null };

/** What a scan means. A scan that no nest can take is refused; where scans come before units, one that an empty nest will take is kept. */
export function decideScan(text: string, context: ScanContext): ScanDecision {
  const scanned = normaliseSerial(text);
  if (scanned === Barcode.Start) return { kind: "start" };
  if (scanned === Barcode.Cancel) return { kind: "cancel" };
  if (scanned === Barcode.Ok) return { kind: "acknowledge" };
  if (scanned === Barcode.LogOut) return { kind: "log-out" };
  if (scanned === Barcode.Reprint) return { kind: "reprint" };
  const isWhy = (one: string): boolean => scanned === Barcode.Why + one.toUpperCase();
  const decision = LABEL_DECISIONS.find(isWhy);
  if (decision !== undefined) return { kind: "why-label", decision };
  const answer = OVERRIDE_ANSWERS.find(isWhy);
  if (answer !== undefined) return { kind: "why-override", answer };
  if (scanned.startsWith(Barcode.Nest)) {
    const name = scanned.slice(Barcode.Nest.length);
    const nest = context.nests.find((candidate) => normaliseSerial(candidate.name) === name);
    if (nest === undefined) return refuse("scan.nest_unknown", null);
    if (nest.state === "off") return refuse("preflight.nest_off", null);
    return { kind: "select", nest: nest.name };
  }
  if (isBadge(text, context.badgePrefix)) return { kind: "badge" };
  if (scanned.startsWith(COMMAND)) return refuse("scan.command_unknown", null);
  if (context.ownWords === true) {
    return isLabel(scanned, context)
      ? refuse("scan.no_reason", null)
      : { kind: "words", words: text };
  }
  const { lastScan, now } = context;
  if (lastScan?.serial === scanned && now - lastScan.at < REPEAT_WITHIN_MS) {
    return { kind: "repeat", serial: scanned };
  }
  if (context.label === true) return { kind: "label", serial: scanned };
  return decideSerial(scanned, context);
}

/** CAPS LOCK, which makes it nobody's, makes it no label. */
const isBadge = (text: string, prefix: string | null): boolean =>
  prefix !== null && text.trim().toUpperCase().startsWith(prefix.toUpperCase());

/** A unit's, as far as that can be told here: the next one, scanned in passing, is no reason for this one. */
const isLabel = (scanned: string, { nests, serialPattern }: ScanContext): boolean =>
  isArticleNumber(scanned) ||
  nests.some((nest) => serialOf(nest) === scanned) ||
  (serialPattern !== null && fits(serialPattern, scanned));

/** What all commands begin with, and no serial does. */
const COMMAND = "FL-";

/** The nest that the next serial goes to; the page marks it. */
export function nextNest(
  nests: readonly Nest[],
  selected: string | null,
  way: Way = "single",
): Nest | undefined {
  if (selected !== null) return nests.find((nest) => nest.name === selected);
  return way === "nest-then-unit" ? undefined : nests.find(isWaiting);
}

function decideSerial(serial: string, context: ScanContext): ScanDecision {
  const { nests, selected, way } = context;
  if (serial.length > 64 || !isReadableSerial(serial)) return refuse("scan.not_understood", serial);
  if (!fits(context.serialPattern, serial) && context.isGolden?.(serial) !== true) {
    return isArticleNumber(serial) ? refuse("scan.ean", serial) : { kind: "foreign", serial };
  }
  if (nests.some((nest) => serialOf(nest) === serial && holds(nest) && nest.name !== selected)) {
    return refuse("scan.repeated", serial);
  }
  if (way === "nest-then-unit" && selected === null) return refuse("scan.nest_first", serial);
  const target =
    (selected === null ? retestNest(nests, serial) : undefined) ?? nextNest(nests, selected);
  const keeps = scansComeFirst(way) && (target === undefined ? nests : [target]).some(getsFree);
  const keep = { kind: "keep", nest: target?.name ?? null, serial } as const;
  if (target === undefined) return keeps ? keep : refuse(whyNoneIsFree(nests), serial);
  const answer = takesScan(target, serial);
  if (answer.kind === "takes") return { kind: "assign", nest: target.name, serial };
  return keeps ? keep : refuse(answer.code, serial);
}

const scansComeFirst = (way: Way): boolean =>
  way === "scan-then-plug" || way === "start-when-plugged";

/** Nothing keeps the next unit out of it: nothing is in it, or one that passed and goes. */
const getsFree = (nest: Nest): boolean =>
  nest.state === "empty" || (nest.state === "pass" && !nest.cameBack);

/** Where this very unit still sits after its last job, or since it was refused. */
function retestNest(nests: readonly Nest[], serial: string): Nest | undefined {
  return nests.find(
    (nest) =>
      (nest.last?.serial === serial || (nest.state === "refused" && nest.serial === serial)) &&
      takesScan(nest, serial).kind === "takes",
  );
}

function whyNoneIsFree(nests: readonly Nest[]): Code {
  if (nests.some(hasUnarmedUnit)) return "nest.not_armed";
  if (nests.some((nest) => nest.state === "empty")) return "nest.empty";
  if (nests.some(isUnseenFail)) return "nest.fail_unseen";
  if (nests.some((nest) => nest.state === "label")) return "nest.label_open";
  const taken = ({ port, last, ...nest }: Nest): boolean =>
    port.kind === "occupied" && last !== null && nest.state !== "busy" && nest.state !== "starting";
  return nests.some(taken) ? "nest.not_armed" : "nest.none_free";
}

/** A unit is there that came too soon after the last one to be told from it. */
const hasUnarmedUnit = (nest: Nest): boolean =>
  (nest.state === "present" && nest.last !== null) || (nest.state === "pass" && nest.cameBack);

function fits(pattern: string | null, serial: string): boolean {
  if (pattern === null) return true;
  try {
    return serialPattern(pattern)(serial);
  } catch {
    // Not a pattern that this version understands: the server decides.
    return true;
  }
}

/** GTIN-8, -12, -13 or -14, which EAN and UPC are: digits of which the last one is right for the others (GS1 General Specifications 7.9). */
function isArticleNumber(text: string): boolean {
  if (!/^(\d{8}|\d{12,14})$/.test(text)) return false;
  const sum = [...text]
    .reverse()
    .reduce((all, digit, at) => all + Number(digit) * (at % 2 ? 3 : 1), 0);
  return sum % 10 === 0;
}

const isWorking = (nest: Nest): boolean => nest.state === "busy" || nest.state === "starting";
const holds = (nest: Nest): boolean =>
  nest.state === "checking" || nest.state === "ready" || isWorking(nest);

const refuse = (code: Code, serial: string | null): ScanDecision => ({
  kind: "refuse",
  code,
  serial,
});
