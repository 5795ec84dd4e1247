import { useSyncExternalStore } from "react";

/** What was done last, for a person to read; one note at a time. */
interface Told {
  readonly sentence: string;
  readonly at: number;
}

/** Long enough to be read twice, milliseconds. */
const SHOWN_MS = 8000;

let told: Told | null = null;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

function put(next: Told | null): void {
  told = next;
  for (const listener of listeners) listener();
}

/** Says that something was done. Called only after the server has answered for it. */
export function tell(sentence: string): void {
  clearTimeout(timer);
  timer = setTimeout(() => put(null), SHOWN_MS);
  put({ sentence, at: Date.now() });
}

export const hush = (): void => put(null);

export const useTold = (): Told | null =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => told,
  );
