import { useEffect } from "react";

const onKey = (event: KeyboardEvent): void => {
  const isText = event.target instanceof HTMLTextAreaElement;
  if (event.key === "Enter" && event.repeat && !isText) event.preventDefault();
};

/** A key that is held down presses a button once: else it would press what comes after it too, dialog by dialog. */
export function useHeldEnter(): void {
  useEffect(() => {
    addEventListener("keydown", onKey, { capture: true });
    return () => removeEventListener("keydown", onKey, { capture: true });
  }, []);
}
