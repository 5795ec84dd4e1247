import { FlashlineError, type LeasedJob, Manifest } from "@flashline/contract";
import { type PublicKey, SignatureError, verifyMinisig } from "@flashline/signing";
import { sha256Of } from "./image-cache.ts";

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
}

/**
 * Checks the signature over the manifest's exact bytes with the pinned keys, and then that the job keeps to what was signed.
 * @throws FlashlineError `release.*` or `preflight.*` with what was got and expected.
 */
export function checkRelease(job: LeasedJob, options: ReleaseCheckOptions): CheckedRelease {
  const bytes = Buffer.from(job.manifest, "base64");
  const keyId = verifiedBy(bytes, job.signature, options.keys);
  const manifest = manifestFrom(bytes);
  const mismatch = mismatchOf(job, manifest);
  if (mismatch !== undefined) throw new FlashlineError("release.manifest_invalid", mismatch);
  if (manifest.product !== job.product) {
    throw new FlashlineError(
      "preflight.wrong_product",
      `The manifest is for ${manifest.product}, the unit is a ${job.product}.`,
    );
  }
  if (manifest.expiresAt !== undefined && Date.parse(manifest.expiresAt) <= options.now) {
    throw new FlashlineError("release.expired", `The manifest expired at ${manifest.expiresAt}.`);
  }
  const { boardRevisions } = manifest;
  if (boardRevisions.length > 0 && !boardRevisions.includes(job.boardRevision ?? "")) {
    throw new FlashlineError(
      "preflight.board_revision",
      `The unit's board revision is ${job.boardRevision ?? "not known"}; signed for ${boardRevisions.join(", ")}.`,
    );
  }
  if (options.virtual && !job.virtualAllowed) throw new FlashlineError("preflight.virtual_unit");
  return { manifest, manifestSha256: sha256Of(bytes), keyId };
}

function verifiedBy(bytes: Uint8Array, signature: string, keys: readonly PublicKey[]): string {
  let refusal = new SignatureError("release.key_unknown", "No public key is pinned on this PC.");
  for (const key of keys) {
    try {
      return verifyMinisig(bytes, signature, key).keyId;
    } catch (error) {
      if (!(error instanceof SignatureError)) throw error;
      // A broken signature of a pinned key says more than a signature by another key.
      if (refusal.code === "release.key_unknown") refusal = error;
    }
  }
  throw new FlashlineError(refusal.code, refusal.message, { cause: refusal });
}

function manifestFrom(bytes: Uint8Array): Manifest {
  try {
    return Manifest.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw new FlashlineError("release.manifest_invalid", "The manifest cannot be read.", { cause });
  }
}

function mismatchOf(job: LeasedJob, manifest: Manifest): string | undefined {
  if (manifest.version !== job.version) {
    return `The job is for version ${job.version}, the manifest for ${manifest.version}.`;
  }
  const signed = manifest.images.map(({ sha256, size }) => `${sha256} ${size}`).sort();
  const offered = job.images.map(({ sha256, size }) => `${sha256} ${size}`).sort();
  return signed.join() === offered.join()
    ? undefined
    : "The job's images are not the ones that the manifest signs.";
}
