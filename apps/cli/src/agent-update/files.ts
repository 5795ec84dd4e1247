import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { UpdateManifest } from "@flashline/contract";
import { Refusal } from "../refusal.ts";

/** A manifest with its exact bytes, and the archive that it names. */
export interface UpdateFiles {
  readonly bytes: Buffer;
  readonly manifest: UpdateManifest;
  readonly archive: Buffer;
}

/** The archive lies beside the manifest, with `.tar.gz` for `.json`. */
export const archiveOf = (file: string): string => file.replace(/\.json$/, ".tar.gz");

/** Reads both, and holds the archive against its digest. Throws `update.manifest_invalid`, `update.digest`. */
export async function readUpdate(file: string): Promise<UpdateFiles> {
  const bytes = await readFile(file);
  const manifest = manifestFrom(bytes, file);
  const archive = await readFile(archiveOf(file));
  const { sha256, size } = manifest.archive;
  const found = createHash("sha256").update(archive).digest("hex");
  if (found !== sha256 || archive.length !== size) {
    throw new Refusal(
      "update.digest",
      `${archiveOf(file)} is not the file that the manifest was made for.`,
    );
  }
  return { bytes, manifest, archive };
}

function manifestFrom(bytes: Uint8Array, file: string): UpdateManifest {
  try {
    return UpdateManifest.parse(
      JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)),
    );
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Refusal("update.manifest_invalid", `${file} is no update's manifest: ${why}`, {
      cause,
    });
  }
}
