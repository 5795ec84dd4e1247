import { FlashlineError, type Grant, type SignedGrant } from "@flashline/contract";
import type { PublicKey } from "@flashline/signing";
import type { CheckedRelease } from "../jobs/release-check.ts";
import { checkGrant } from "./check.ts";
import { advanced, type Point, type Reading } from "./clock.ts";

/** A grant that was checked, with where its time stood then. */
export interface ReadyGrant {
  readonly signed: SignedGrant;
  readonly grant: Grant;
  readonly release: CheckedRelease;
  readonly point: Point;
}

export interface Checks {
  readonly stationId: string;
  readonly station: string;
  readonly plant: () => string | undefined;
  /** The key that signs this server's grants; undefined while none is known. */
  readonly key: () => string | undefined;
  readonly pinnedKeys: () => Promise<readonly PublicKey[]>;
}

/** @throws FlashlineError as {@link checkGrant}. */
export async function readyGrant(
  signed: SignedGrant,
  point: Point,
  { key, stationId, station, plant, pinnedKeys }: Checks,
): Promise<ReadyGrant> {
  const signer = key();
  if (signer === undefined)
    throw new FlashlineError("grant.invalid", "The key that signs grants is not known here.");
  const pinned = await pinnedKeys();
  const options = { key: signer, stationId, station, plant: plant(), pinned, now: Date.now() };
  return { signed, point, ...checkGrant(signed, options) };
}

/** Length of a grant, milliseconds. */
export const spanOf = ({ from, until }: Grant): number => Date.parse(until) - Date.parse(from);

/** How the time of a grant stands: so much is left, milliseconds, or nothing may be started under it any more. */
export type TimeLeft =
  | { readonly kind: "left"; readonly ms: number }
  | { readonly kind: "refused"; readonly error: FlashlineError };

export function timeLeft(grant: Grant, point: Point, now: Reading): TimeLeft {
  const at = advanced(point, now);
  if (at === undefined) return { kind: "refused", error: new FlashlineError("grant.clock") };
  const ms = spanOf(grant) - at.elapsed;
  if (ms > 0) return { kind: "left", ms };
  return { kind: "refused", error: new FlashlineError("grant.over") };
}

/** The server's clock by the time that has passed since it signed the grant, milliseconds. */
export const serverTime = (grant: Grant, point: Point, now: Reading): number =>
  Date.parse(grant.from) + (advanced(point, now)?.elapsed ?? point.elapsed);

/** The same, or this PC's own clock where that is later: a clock that was set back lets nothing expired through. */
export const latestTime = (grant: Grant, point: Point, now: Reading): number =>
  Math.max(now.wall, serverTime(grant, point, now));
