import { RE2JS } from "re2js";
import { normaliseSerial } from "./common.ts";
import { FlashlineError } from "./error.ts";
import type { Recipe, SerialRule } from "./recipe.ts";

/** Patterns that were compiled, by their text; a server has few products. */
const compiled = new Map<string, RE2JS>();
const MOST_COMPILED = 200;

/**
 * A pattern that a whole serial must match. Whoever asks gets the same answer: an import, a scan at the server, a scan at the
 * station. The time to match grows with the serial's length and not beyond, whatever the pattern.
 * @throws FlashlineError `product.pattern_unusable` when it is no regular expression in RE2's syntax: that has no look-around
 * and no back-references (https://github.com/google/re2/wiki/Syntax).
 */
export function serialPattern(pattern: string): (serial: string) => boolean {
  let program = compiled.get(pattern);
  if (program === undefined) {
    try {
      program = RE2JS.compile(pattern);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new FlashlineError(
        "product.pattern_unusable",
        `The serial pattern ${pattern} cannot be used: ${reason}`,
        { cause },
      );
    }
    if (compiled.size >= MOST_COMPILED) compiled.clear();
    compiled.set(pattern, program);
  }
  const known = program;
  return (serial) => known.matches(serial);
}

/** A string descriptor holds so many characters (USB 2.0, section 9.6.7). */
const LONGEST_SHOWN = 126;
const PIECES = /\{(serial|[1-9])\}/g;

/** What is wrong with a rule in itself; undefined: nothing. */
function serialRuleProblem({ pattern, text = "" }: SerialRule): string | undefined {
  const named = [...text.matchAll(PIECES)].flatMap(([, piece]) =>
    piece === "serial" ? [] : [Number(piece)],
  );
  if (pattern === undefined) {
    return named.length === 0 ? undefined : `${text} names a group, and there is no pattern`;
  }
  try {
    const groups = RE2JS.compile(pattern).groupCount();
    const missing = named.find((group) => group > groups);
    return missing === undefined ? undefined : `the pattern ${pattern} has no group ${missing}`;
  } catch (error) {
    return `the pattern ${pattern} cannot be used: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/**
 * For whoever signs a recipe, takes one, or flashes with it.
 * @throws FlashlineError `release.manifest_invalid` where the rule for the application's serial can mean nothing
 */
export function checkSerialRule({ expectAfterLeave }: Pick<Recipe, "expectAfterLeave">): void {
  const rule = expectAfterLeave?.serial;
  const problem = rule && serialRuleProblem(rule);
  if (problem !== undefined) {
    const first = `recipe.expectAfterLeave.serial: ${problem}`;
    throw new FlashlineError("release.manifest_invalid", `The manifest is not valid: ${first}`, {
      parameters: { first },
    });
  }
}

/**
 * The serial that the application of a unit must show; undefined where the rule does not fit the scanned serial. The time grows with the
 * serial's length and not beyond. For rules that `checkSerialRule` let through.
 */
export function shownSerial(rule: SerialRule, scanned: string): string | undefined {
  const { pattern, text = "{serial}" } = rule;
  const matcher = pattern === undefined ? undefined : RE2JS.compile(pattern).matcher(scanned);
  if (matcher !== undefined && !matcher.matches()) return undefined;
  const shown = text.replace(PIECES, (_, piece: string) =>
    piece === "serial" ? scanned : (matcher?.group(Number(piece)) ?? ""),
  );
  // Whatever shows a serial at all must show this one: blanks at its ends do not come through every system.
  return shown === "" || shown !== shown.trim() || shown.length > LONGEST_SHOWN ? undefined : shown;
}

/** Of a pattern: a group without groups in it, or one character that stands for itself. */
const SIMPLE = /\(([^()]*)\)|\\?([\w \-/.:#])/gy;

/** The pattern with its groups' texts in their places; undefined of one with more than groups and characters. */
function filledIn(pattern: string, groups: ReadonlyMap<string, string>): string | undefined {
  let made = "";
  let end = 0;
  let group = 0;
  for (const { 0: whole, 2: character } of pattern.matchAll(SIMPLE)) {
    end += whole.length;
    if (character === undefined) group += 1;
    const piece = character ?? groups.get(String(group));
    if (piece === undefined) return undefined;
    made += piece;
  }
  return end === pattern.length ? made : undefined;
}

/**
 * The scanned serial of which an application shows `shown`: the way back of {@link shownSerial}, and held against it. Undefined where
 * nothing that can be told leads there. For rules that `checkSerialRule` let through.
 */
export function scannedSerial(rule: SerialRule, shown: string): string | undefined {
  const { pattern, text = "{serial}" } = rule;
  const capitals = normaliseSerial(shown);
  const pieces = [...text.matchAll(PIECES)].map(([, piece = ""]) => piece);
  const source = text
    .split(/\{(?:serial|[1-9])\}/)
    .map((literal) => RE2JS.quote(literal.toUpperCase()))
    .join("(.*)");
  const matcher = RE2JS.compile(source).matcher(capitals);
  if (!matcher.matches()) return undefined;
  const found = new Map(pieces.map((piece, index) => [piece, matcher.group(index + 1) ?? ""]));
  const scanned = found.get("serial") ?? filledIn(pattern ?? "", found);
  if (scanned === undefined || scanned === "") return undefined;
  return shownSerial(rule, scanned)?.toUpperCase() === capitals ? scanned : undefined;
}
