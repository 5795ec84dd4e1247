/** How long an offer waits for its station to fetch it, milliseconds. */
export const OFFER_MS = 30_000;
/** From acquire to start: fetching images and checking signatures, milliseconds. */
export const LEASE_MS = 60_000;
/** From start or renewal to the next renewal, milliseconds. After it the unit's content is not known. */
export const RUN_MS = 60_000;
/**
 * A job that is offered for so long did not reach its station, milliseconds. The station may wait at another replica than the
 * one that died, so it is told again.
 */
export const UNHEARD_MS = 3_000;
/** A queued job that no worker has looked at for so long is announced again: the queue may lose everything. */
export const QUEUED_MS = 5_000;
/** A job that its station has not started for so long is given up, so that the unit can be scanned elsewhere. */
export const UNSTARTED_MS = 15 * 60_000;
/** How often ended leases are looked for, milliseconds. */
export const SWEEP_MS = 5_000;
/** How often the kept counts of open orders are compared with their jobs, milliseconds. */
export const RECOUNT_MS = 3_600_000;
