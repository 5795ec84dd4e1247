import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Short, and never the same for two inputs that matter. */
export const nameOf = (input: Uint8Array): string =>
  `${createHash("sha256").update(input).digest("hex").slice(0, 12)}.bin`;

/** Inputs of an earlier run, in the same order everywhere; none when there was no run. */
export function loadCorpus(folder: string): readonly Uint8Array[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.sort().map((name) => new Uint8Array(readFileSync(join(folder, name))));
}

/** Keeps what this run found worth keeping, and nothing else: what reaches nothing new any more goes. */
export function saveCorpus(folder: string, inputs: readonly Uint8Array[]): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const input of inputs) writeFileSync(join(folder, nameOf(input)), input);
}
