import type { AttemptResult, Contradiction } from "@flashline/contract";

/** What the server itself knows of an attempt and its job. */
export interface AttemptFacts {
  readonly jobId: string;
  readonly manifestSha256: string;
  readonly keyId: string;
  /** Digests of the release's images. */
  readonly images: readonly string[];
  /** As the attempt was started. */
  readonly virtual: boolean;
  /** The PC that was enrolled as the station; null before. */
  readonly machine: string | null;
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  JSON.stringify([...new Set(a)].sort()) === JSON.stringify([...new Set(b)].sort());

/** Where a result and its job, or the result and itself, cannot both be true; and whether it could be read. */
export function contradictionsOf(
  result: AttemptResult,
  facts: AttemptFacts,
  isReadable: boolean,
): readonly Contradiction[] {
  const passed = result.outcome === "PASS";
  // A virtual unit brings the place along that it stands for.
  const isElsewhere =
    !result.virtual && facts.machine !== null && result.host.machine !== facts.machine;
  // The engine skips a sector that holds what it should; a PASS without writing has skipped them all.
  const wroteNothing =
    !result.touched && ((result.erasedSectors ?? 0) > 0 || (result.skippedSectors ?? 0) === 0);
  const found: Readonly<Record<Contradiction, boolean>> = {
    job: result.jobId !== facts.jobId,
    manifest: result.manifestSha256 !== facts.manifestSha256,
    image: !sameSet(result.imageSha256, facts.images),
    key: result.keyId.toUpperCase() !== facts.keyId.toUpperCase(),
    virtual: result.virtual !== facts.virtual,
    host: isElsewhere,
    code: passed && result.code !== null,
    untouched: passed && wroteNothing,
    form: !isReadable,
  };
  return (Object.keys(found) as Contradiction[]).filter((key) => found[key]);
}
