import { FlashlineError, type LeasedJob, Manifest } from "@flashline/contract";
import type { PublicKey } from "@flashline/signing";
import { liftedHere, type Place } from "./exception-check.ts";
import { sha256Of } from "./image-cache.ts";
import { signedBy } from "./signed-by.ts";

/** A release that this station has checked itself: the server's word does not count. */
export interface CheckedRelease {
  readonly manifest: Manifest;
  readonly manifestSha256: string;
  /** The pinned key whose signature holds. */
  readonly keyId: string;
}

export interface ReleaseCheckOptions {
  readonly keys: readonly PublicKey[];
  /** Wall clock, milliseconds. */
  readonly now: number;
  readonly virtual: boolean;
  readonly place: Place;
  /** Of a golden unit an engineer has said which release it gets. */
  readonly isForAnyRevision?: boolean;
}

/** What of a job is held against its manifest. */
export type ReleasedJob = Pick<
  LeasedJob,
  | "manifest"
  | "signature"
  | "product"
  | "version"
  | "images"
  | "serial"
  | "boardRevision"
  | "virtualAllowed"
  | "exception"
>;

/**
 * Checks the signature over the manifest's exact bytes with the pinned keys, and then that the job keeps to what was signed. An expired release is
 * taken only under an exception that is signed too.
 * @throws FlashlineError `release.*`, `exception.*` or `preflight.*` with what was got and expected.
 */
export function checkRelease(job: ReleasedJob, options: ReleaseCheckOptions): CheckedRelease {
  const bytes = Buffer.from(job.manifest, "base64");
  const keyId = signedBy(bytes, job.signature, options.keys);
  const manifest = manifestFrom(bytes);
  const mismatch = mismatchOf(job, manifest);
  if (mismatch !== undefined) throw new FlashlineError("release.manifest_invalid", mismatch);
  if (manifest.product !== job.product) {
    throw new FlashlineError(
      "preflight.wrong_product",
      `The manifest is for ${manifest.product}, the unit is a ${job.product}.`,
    );
  }
  const manifestSha256 = sha256Of(bytes);
  const lifts = liftedHere({ job, manifestSha256, ...options });
  const expired = manifest.expiresAt !== undefined && Date.parse(manifest.expiresAt) <= options.now;
  if (expired && !lifts.includes("release.expired")) {
    throw new FlashlineError("release.expired", `The manifest expired at ${manifest.expiresAt}.`);
  }
  const { boardRevisions } = manifest;
  const isFor =
    options.isForAnyRevision === true || boardRevisions.includes(job.boardRevision ?? "");
  if (boardRevisions.length > 0 && !isFor) {
    throw new FlashlineError(
      "preflight.board_revision",
      `The unit's board revision is ${job.boardRevision ?? "not known"}; signed for ${boardRevisions.join(", ")}.`,
    );
  }
  if (options.virtual && !job.virtualAllowed) throw new FlashlineError("preflight.virtual_unit");
  return { manifest, manifestSha256, keyId };
}

function manifestFrom(bytes: Uint8Array): Manifest {
  try {
    return Manifest.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw new FlashlineError("release.manifest_invalid", "The manifest cannot be read.", { cause });
  }
}

function mismatchOf(job: ReleasedJob, manifest: Manifest): string | undefined {
  if (manifest.version !== job.version) {
    return `The job is for version ${job.version}, the manifest for ${manifest.version}.`;
  }
  const signed = manifest.images.map(({ sha256, size }) => `${sha256} ${size}`).sort();
  const offered = job.images.map(({ sha256, size }) => `${sha256} ${size}`).sort();
  return signed.join() === offered.join()
    ? undefined
    : "The job's images are not the ones that the manifest signs.";
}
