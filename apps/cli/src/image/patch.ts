import { createHash } from "node:crypto";
import {
  applyPatches,
  type Image,
  type PatchedImage,
  type PatchField,
  type PatchValues,
} from "@flashline/dfu-core";
import type { Command } from "commander";
import { collect } from "../arguments.ts";
import type { Console } from "../console.ts";
import { Refusal } from "../refusal.ts";
import { plural } from "../terminal/units.ts";
import { readInput } from "./read-file.ts";

export interface PatchOptions {
  readonly patch: readonly string[];
  readonly patchSpec?: string;
}

/** Per-unit data as the command line gives it: where it goes, and what it is. */
export interface Patch {
  readonly fields: readonly PatchField[];
  readonly apply: (image: Image) => PatchedImage;
}

export const PATCH_HELP = `
Per-unit data:
  --patch-spec fields.json --patch serial=SN-0042 --patch key=@key.hex
  "@FILE" takes the value from a file, without the line end: other users of this PC can see command lines, so give
  secrets like that. "@@" stands for a value that begins with "@".`;

export function withPatchOptions(command: Command): Command {
  return command
    .option(
      "--patch <name=value>",
      "per-unit data for one field of the spec; may be repeated",
      collect,
      [],
    )
    .option("--patch-spec <file>", "JSON file that says where per-unit data goes");
}

/** The files that {@link readPatch} reads. */
export const patchFiles = ({ patch, patchSpec }: PatchOptions): readonly (string | undefined)[] => [
  patchSpec,
  ...patch.map((text) => /^[^=]*=@([^@].*)$/s.exec(text)?.[1]),
];

/** Undefined when none is asked for. No message has a value in it, nor a word that may be one. */
export async function readPatch(options: PatchOptions): Promise<Patch | undefined> {
  const { patch, patchSpec } = options;
  if (patchSpec === undefined) {
    if (patch.length === 0) return undefined;
    throw new Refusal("usage.argument", "--patch needs --patch-spec, which says where it goes.");
  }
  const { parsePatchSpec } = await import("./patch-spec.ts");
  const fields = parsePatchSpec(await readText(patchSpec), patchSpec);
  const values: PatchValues = Object.fromEntries(await Promise.all(patch.map(readValue)));
  if (Object.keys(values).length < patch.length)
    throw new Refusal("usage.argument", "Two --patch options name the same field.");
  return { fields, apply: (image) => applyPatches(image, fields, values) };
}

const readText = async (file: string): Promise<string> =>
  new TextDecoder().decode(await readInput(file, 1024 * 1024));

async function readValue(text: string): Promise<readonly [name: string, value: string]> {
  const [, name, given] = /^([A-Za-z][\w.-]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || given === undefined)
    throw new Refusal("usage.argument", "Expected --patch NAME=VALUE or NAME=@FILE.");
  if (given.startsWith("@@")) return [name, given.slice(1)];
  if (!given.startsWith("@")) return [name, given];
  return [name, (await readText(given.slice(1))).replace(/\r?\n$/, "")];
}

/** Names the fields and the digest, never a value. */
export function showPatch(
  console: Console,
  { fields }: Patch,
  patched: PatchedImage,
  json: true | undefined,
): void {
  const names = fields.map(({ name }) => name);
  const digest = patched.digest(createHash("sha256"));
  console.terminal.write(
    json
      ? `${JSON.stringify({ event: "patched", digest, fields: names })}\n`
      : `${plural(names.length, "field")} of per-unit data: ${names.join(", ")}\nContent SHA-256 ${digest}\n`,
  );
}
