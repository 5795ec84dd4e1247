import type { Protection } from "./protection.ts";
import type { OptionRules } from "./rules.ts";

/** Level 1 is every byte that is neither the key of level 0 (F1: 0xA5) nor of level 2. */
const LEVEL_1 = 0x00;
const LEVEL_2 = 0xcc;

/** Offsets of units whose complement does not match. A rest shorter than a unit is not checked. */
export function mismatches(rules: OptionRules, bytes: Uint8Array): readonly number[] {
  const size = rules.complemented;
  if (size === undefined) return [];
  const wrong: number[] = [];
  for (let at = 0; at + 2 * size <= bytes.length; at += 2 * size) {
    const own = bytes.subarray(at, at + size);
    if (own.some((byte, index) => byte !== ((bytes[at + size + index] ?? 0) ^ 0xff))) {
      // Erased and never programmed: the loader takes it as it is.
      if (bytes.subarray(at, at + 2 * size).some((byte) => byte !== 0xff)) wrong.push(at);
    }
  }
  return wrong;
}

/** The level that the option bytes ask for; a wrong complement forces level 1 (RM0490, section 4.4.2). */
export function levelIn(rules: OptionRules, bytes: Uint8Array): Protection {
  if (mismatches(rules, bytes.subarray(0, 2 * (rules.complemented ?? 0))).length > 0) return 1;
  const value = bytes[rules.rdpAt];
  if (value === rules.open) return 0;
  return value === LEVEL_2 ? 2 : 1;
}

/** Sets the RDP byte with its complement, and its programming twin. */
export function putLevel(rules: OptionRules, bytes: Uint8Array, level: Protection): void {
  const value = [rules.open, LEVEL_1, LEVEL_2][level] ?? LEVEL_1;
  bytes[rules.rdpAt] = value;
  if (rules.complemented !== undefined) bytes[rules.rdpAt + rules.complemented] = value ^ 0xff;
  if (rules.pairs.length > 0) bytes[rules.rdpAt + 4] = value;
}

/** What the chip stores of a written block: all of it, or on H7 the words to be programmed, which become current. */
export function store(rules: OptionRules, bytes: Uint8Array, written: Uint8Array): void {
  if (rules.pairs.length === 0) {
    bytes.set(written);
    return;
  }
  for (const at of rules.pairs) {
    if (at + 8 > written.length) continue;
    const programmed = written.subarray(at + 4, at + 8);
    bytes.set(programmed, at);
    bytes.set(programmed, at + 4);
  }
}
