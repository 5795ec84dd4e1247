import { useEffect } from "react";

/** So long a sheet may keep the nests out of sight, milliseconds. */
const BACK_AFTER_MS = 120_000;

/** To the station's own page. */
export const goBack = (): void => location.assign("/");

/**
 * A sheet takes no scans: Esc, or the end of a scan, leads back to the nests, and so does time. `doing` changes with whatever somebody does:
 * the time begins anew. A field takes its own Enter.
 */
export function useWayBack(doing = ""): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is done restarts the clock, and says nothing to it.
  useEffect(() => {
    const timer = setTimeout(goBack, BACK_AFTER_MS);
    const onKeyDown = ({ key, target }: KeyboardEvent): void => {
      const onControl =
        target instanceof HTMLButtonElement ||
        target instanceof HTMLAnchorElement ||
        target instanceof HTMLInputElement;
      if (key === "Escape" || (key === "Enter" && !onControl)) goBack();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("keydown", onKeyDown);
    };
  }, [doing]);
}
