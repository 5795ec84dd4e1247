import type { AttemptResult, Contradiction, SerialRule } from "@flashline/contract";
import { shownSerial } from "@flashline/contract/pattern";

/** What the server itself knows of an attempt and its job. */
export interface AttemptFacts {
  readonly jobId: string;
  readonly manifestSha256: string;
  readonly keyId: string;
  /** Digests of the release's images. */
  readonly images: readonly string[];
  /** As the attempt was started. */
  readonly virtual: boolean;
  /** The unit's, as it was scanned. */
  readonly serial: string;
  /** How the serial that the application must show follows from it; null where the release does not ask. */
  readonly shownSerial: SerialRule | null;
  /** The PC that was enrolled as the station; null before. */
  readonly machine: string | null;
  /** What was found about a unit that was flashed while the server was away; null where the server acknowledged the start. */
  readonly underGrant: { readonly isRefused: boolean; readonly isReviewed: boolean } | null;
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  JSON.stringify([...new Set(a)].sort()) === JSON.stringify([...new Set(b)].sort());

/** A PASS without the serial that the release asks for: of an agent that does not look, or looked wrongly. */
function showsAnother({ application }: AttemptResult, facts: AttemptFacts): boolean {
  if (facts.shownSerial === null) return false;
  const expected = shownSerial(facts.shownSerial, facts.serial);
  const shown = application?.serial ?? undefined;
  return expected === undefined || shown?.toUpperCase() !== expected.toUpperCase();
}

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
    application: passed && showsAnother(result, facts),
    grant: facts.underGrant?.isRefused === true,
    form: !isReadable,
  };
  return (Object.keys(found) as Contradiction[]).filter((key) => found[key]);
}
