import type { SealerRepository } from "./sealer.repository.ts";

/** How often open events are looked for, milliseconds. An event is sealed within this and the time that its batch takes. */
const LOOK_MS = 500;

/** Seals what is open, again and again. Every replica runs one; a lock of the database lets one of them at a time do it. */
export interface Sealer {
  start(): void;
  /** Waits for a batch that runs. */
  close(): Promise<void>;
}

/** `onSealed` hears of the new head after each batch, `onError` of a batch that failed: it is tried again. */
export function sealer(
  repository: SealerRepository,
  onSealed: (head: number) => void,
  onError: (error: unknown) => void,
): Sealer {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let closed = false;

  async function sealAll(): Promise<void> {
    if (!(await repository.hasOpen())) return;
    for (let more = true; more && !closed; ) {
      const batch = await repository.seal();
      if (batch !== null && batch.sealed > 0) onSealed(batch.head);
      more = batch?.more === true;
    }
  }
  function later(): void {
    timer = setTimeout(() => {
      running = sealAll()
        .catch(onError)
        .then(() => {
          if (!closed) later();
        });
    }, LOOK_MS);
  }
  return {
    start: later,
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
