import { Barcode, type Code, normaliseSerial } from "@flashline/contract";
import { serialPattern } from "@flashline/contract/pattern";
import { type Nest, serialOf } from "./nest.ts";
import { isWaiting, takesScan } from "./takes-scan.ts";

/** The same label read twice by a trigger-happy scanner is one scan within this time, milliseconds. */
const REPEAT_WITHIN_MS = 2000;

export interface ScanContext {
  readonly nests: readonly Nest[];
  /** The nest whose barcode was scanned last, while that counts. */
  readonly selected: string | null;
  readonly serialPattern: string | null;
  readonly lastScan: { readonly serial: string; readonly at: number } | null;
  readonly now: number;
}

export type ScanDecision =
  | { readonly kind: "start" }
  | { readonly kind: "cancel" }
  | { readonly kind: "select"; readonly nest: string }
  | { readonly kind: "assign"; readonly nest: string; readonly serial: string }
  | { readonly kind: "repeat"; readonly serial: string }
  | { readonly kind: "refuse"; readonly code: Code; readonly serial: string | null };

/** What a scan means. A scan that no nest can take is refused. No scan is kept for later. */
export function decideScan(text: string, context: ScanContext): ScanDecision {
  const scanned = normaliseSerial(text);
  if (scanned === Barcode.Start) return { kind: "start" };
  if (scanned === Barcode.Cancel) return { kind: "cancel" };
  if (scanned.startsWith(Barcode.Nest)) {
    const name = scanned.slice(Barcode.Nest.length);
    const nest = context.nests.find((candidate) => normaliseSerial(candidate.name) === name);
    if (nest === undefined) return refuse("preflight.nest_unknown", null);
    if (nest.state === "off") return refuse("preflight.nest_off", null);
    if (isWorking(nest)) return refuse("preflight.nest_busy", null);
    return { kind: "select", nest: nest.name };
  }
  return decideSerial(scanned, context);
}

/** The nest that the next serial goes to; the page marks it. */
export function nextNest(nests: readonly Nest[], selected: string | null): Nest | undefined {
  if (selected !== null) return nests.find((nest) => nest.name === selected);
  return nests.find(isWaiting);
}

function decideSerial(serial: string, context: ScanContext): ScanDecision {
  const { nests, selected, lastScan, now } = context;
  if (!isSerial(serial, context.serialPattern)) return refuse("scan.not_understood", serial);
  if (lastScan?.serial === serial && now - lastScan.at < REPEAT_WITHIN_MS) {
    return { kind: "repeat", serial };
  }
  if (nests.some((nest) => serialOf(nest) === serial && holds(nest) && nest.name !== selected)) {
    return refuse("scan.repeated", serial);
  }
  const target =
    (selected === null ? retestNest(nests, serial) : undefined) ?? nextNest(nests, selected);
  if (target === undefined) return refuse(whyNoneIsFree(nests), serial);
  const answer = takesScan(target, serial);
  return answer.kind === "takes"
    ? { kind: "assign", nest: target.name, serial }
    : refuse(answer.code, serial);
}

/** Where this very unit still sits after its last job, or since it was refused. */
function retestNest(nests: readonly Nest[], serial: string): Nest | undefined {
  return nests.find(
    (nest) =>
      (nest.last?.serial === serial || (nest.state === "refused" && nest.serial === serial)) &&
      takesScan(nest, serial).kind === "takes",
  );
}

function whyNoneIsFree(nests: readonly Nest[]): Code {
  if (
    nests.some((nest) => nest.port.kind === "occupied" && nest.last !== null && !isWorking(nest))
  ) {
    return "nest.not_armed";
  }
  return nests.every((nest) => nest.port.kind !== "occupied") ? "nest.empty" : "nest.none_free";
}

function isSerial(text: string, pattern: string | null): boolean {
  if (text === "" || text.length > 64 || text.startsWith("FL-")) return false;
  if (pattern === null) return true;
  try {
    return serialPattern(pattern)(text);
  } catch {
    // Not a pattern that this version understands: the server decides.
    return true;
  }
}

const isWorking = (nest: Nest): boolean => nest.state === "busy" || nest.state === "starting";
const holds = (nest: Nest): boolean =>
  nest.state === "checking" || nest.state === "ready" || isWorking(nest);

const refuse = (code: Code, serial: string | null): ScanDecision => ({
  kind: "refuse",
  code,
  serial,
});
