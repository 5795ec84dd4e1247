import { FlashlineError, Grant, type LeasedJob, type SignedGrant } from "@flashline/contract";
import { type PublicKey, parsePublicKey, SignatureError, verifyMinisig } from "@flashline/signing";
import { type CheckedRelease, checkRelease } from "../jobs/release-check.ts";

/** A grant that this station has checked itself, and the release that units get under it. */
export interface CheckedGrant {
  readonly grant: Grant;
  readonly release: CheckedRelease;
}

export interface GrantCheckOptions {
  /** Text of the key that signs this server's grants. */
  readonly key: string;
  readonly stationId: string;
  readonly station: string;
  readonly plant: string | undefined;
  /** Pinned keys, by which releases are signed. */
  readonly pinned: readonly PublicKey[];
  /** As far as this PC knows the server's clock, milliseconds. */
  readonly now: number;
}

const invalid = (why: string, cause?: unknown): FlashlineError =>
  new FlashlineError("grant.invalid", `The grant ${why}.`, { cause });

function readGrant({ statement, signature }: SignedGrant, key: string): Grant {
  try {
    verifyMinisig(Buffer.from(statement), signature, parsePublicKey(key));
  } catch (cause) {
    if (!(cause instanceof SignatureError)) throw cause;
    throw invalid("is not signed by this station's server", cause);
  }
  const read = Grant.safeParse(JSON.parse(statement));
  if (!read.success) throw invalid("cannot be read", read.error);
  return read.data;
}

/** The job of a unit on a place of the grant, as the server would have leased it. What an earlier attempt left in the unit nobody can say. */
export function jobUnder(
  grant: Grant,
  { manifest, manifestSignature: signature, images, label }: SignedGrant,
  unit: { readonly jobId: string; readonly serial: string; readonly nest: string },
  values: Readonly<Record<string, string>>,
): LeasedJob {
  const { product, version, order: workOrder, virtualAllowed } = grant;
  return {
    ...unit,
    epoch: 1,
    leaseMs: Date.parse(grant.until) - Date.parse(grant.from),
    dirty: true,
    product,
    boardRevision: null,
    virtualAllowed,
    workOrder,
    version,
    manifest,
    signature,
    images,
    values: { ...values },
    secrets: {},
    ...(label === undefined ? {} : { label }),
  };
}

/**
 * Checks a grant's signature, whom it is for, and its release as that of any job.
 * @throws FlashlineError `grant.invalid`, `release.*`, `preflight.*`.
 */
export function checkGrant(signed: SignedGrant, options: GrantCheckOptions): CheckedGrant {
  const grant = readGrant(signed, options.key);
  if (grant.stationId !== options.stationId) throw invalid("is another station's");
  const unit = { jobId: grant.id, serial: "", nest: "" };
  const release = checkRelease(jobUnder(grant, signed, unit, {}), {
    keys: options.pinned,
    now: options.now,
    virtual: false,
    place: { station: options.station, plant: options.plant },
  });
  if (release.manifestSha256 !== grant.manifestSha256) throw invalid("is for another manifest");
  return { grant, release };
}

/** By field of the release, the numbers of a place. */
export function valuesOf(
  { recipe }: CheckedRelease["manifest"],
  numbers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const field of recipe.patch?.fields ?? []) {
    if (field.kind === "crc32" || field.value?.from !== "range") continue;
    const number = numbers[field.value.range];
    if (number !== undefined) values[field.name] = number;
  }
  return values;
}
