/**
 * Durable storage for what a unit held before its first erase. `save` resolves when the bytes would survive a power cut and
 * replaces what was there; `load` gives undefined for a name that was never saved or was forgotten.
 */
export interface SnapshotStore {
  readonly load: (name: string) => Promise<Uint8Array | undefined>;
  readonly save: (name: string, bytes: Uint8Array) => Promise<void>;
  readonly forget: (name: string) => Promise<void>;
}
