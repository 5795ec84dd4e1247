import { RE2JS } from "re2js";
import { FlashlineError } from "./error.ts";

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
