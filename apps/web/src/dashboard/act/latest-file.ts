import { useRef } from "react";

/**
 * Reads each file that is chosen and hands on what was read of it, first null. Only of the last one: a large file may be read after a small one that
 * was chosen later.
 */
export function useLatestFile<T>(
  read: (file: File) => Promise<T>,
  put: (file: File | null, found: T | null) => void,
): (chosen: File | null) => void {
  const latest = useRef<File>(null);
  return (chosen) => {
    latest.current = chosen;
    put(chosen, null);
    if (chosen === null) return;
    void read(chosen).then((found) => {
      if (latest.current === chosen) put(chosen, found);
    });
  };
}
