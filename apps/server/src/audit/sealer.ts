import { type Looping, looping } from "../looping.ts";
import type { SealerRepository } from "./sealer.repository.ts";

/** How often open events are looked for, milliseconds. An event is sealed within this and the time that its batch takes. */
const LOOK_MS = 500;

/**
 * Seals what is open, again and again. Every replica runs one; a lock of the database lets one of them at a time do it. `onSealed`
 * hears of the new head after each batch, `onError` of a batch that failed: it is tried again.
 */
export function sealer(
  repository: SealerRepository,
  onSealed: (head: number) => void,
  onError: (error: unknown) => void,
): Looping {
  let closed = false;
  async function sealAll(): Promise<void> {
    if (!(await repository.hasOpen())) return;
    for (let more = true; more && !closed; ) {
      const batch = await repository.seal();
      if (batch !== null && batch.sealed > 0) onSealed(batch.head);
      more = batch?.more === true;
    }
  }
  const loop = looping(LOOK_MS, sealAll, onError);
  return {
    ...loop,
    async close() {
      closed = true;
      await loop.close();
    },
  };
}
