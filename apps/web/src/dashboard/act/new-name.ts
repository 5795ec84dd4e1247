import { called } from "@flashline/contract";

/**
 * Whether a name is written that nothing of its kind has; the sentence that says so otherwise. What there is already is not added, so nobody is told that
 * it was.
 */
export function newName(kind: string, name: string, known: readonly string[]): boolean | string {
  if (!known.includes(name.trim())) return name.trim() !== "";
  return `There is a ${called(kind, name.trim())} already.`;
}
