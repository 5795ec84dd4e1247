import type { Limit, Tries } from "../limits/tries.ts";

/** A person who mistypes does not reach it. */
const OF_ADDRESS: Limit = { most: 10, inMs: 60_000 };

/** Every log-in from one address counts, by password or by a provider. Rejects with `request.rate_limited`. */
export const countLogin = (tries: Pick<Tries, "take">, address: string): Promise<void> =>
  tries.take(`login address ${address}`, OF_ADDRESS);
