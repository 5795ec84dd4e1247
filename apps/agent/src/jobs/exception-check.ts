import {
  type Exception,
  FlashlineError,
  type LeasedJob,
  type Liftable,
  readException,
} from "@flashline/contract";
import type { PublicKey } from "@flashline/signing";
import { signedBy } from "./signed-by.ts";

/** Where this agent works. The plant is not known until the server told it. */
export interface Place {
  readonly station: string;
  readonly plant: string | undefined;
}

/** What an exception is held against. */
export interface ExceptedJob {
  readonly job: Pick<LeasedJob, "exception" | "product" | "version" | "serial">;
  readonly manifestSha256: string;
  readonly keys: readonly PublicKey[];
  /** Wall clock, milliseconds. */
  readonly now: number;
  readonly place: Place;
}

const other = (what: string): FlashlineError =>
  new FlashlineError("exception.other", `The exception is for another ${what}.`);

/**
 * The refusals that the job's exception lifts here; none without one. The server's word does not count: the statement's exact bytes are checked with
 * the pinned keys and this PC's clock. How many units had it only the server knows.
 * @throws FlashlineError `exception.*` or `release.*` where the job has an exception that is not for it.
 */
export function liftedHere(of: ExceptedJob): readonly Liftable[] {
  const { job, keys, now } = of;
  if (job.exception === undefined) return [];
  const bytes = Buffer.from(job.exception.statement, "base64");
  signedBy(bytes, job.exception.signature, keys);
  const exception = readException(bytes.toString("utf8"));
  mustBeFor(exception, of);
  if (now < Date.parse(exception.from) || now >= Date.parse(exception.until)) {
    throw new FlashlineError(
      "exception.not_now",
      `The exception holds from ${exception.from} until ${exception.until}, not by this PC's clock.`,
    );
  }
  return exception.lifts;
}

function mustBeFor(exception: Exception, { job, manifestSha256, place }: ExceptedJob): void {
  const { product, version, units, plant, stations } = exception;
  if (
    exception.manifestSha256 !== manifestSha256 ||
    product !== job.product ||
    version !== job.version
  ) {
    throw other("release");
  }
  if ("serials" in units && !units.serials.includes(job.serial)) throw other("unit");
  if (stations !== undefined && !stations.includes(place.station)) throw other("station");
  if (plant !== undefined && plant !== place.plant) throw other("plant");
}
