import { useEffect, useRef, useState } from "react";

/** So long after the last letter the address says what was typed, milliseconds. */
const TYPING_MS = 250;

/**
 * A text that somebody types and that stands in the address a little later. What comes into the address by another way (back, a saved view, the page's
 * own link) goes into the field: else the field would write over it.
 */
export function useTyped(
  inAddress: string | undefined,
  put: (typed: string | undefined) => void,
): readonly [text: string, setText: (text: string) => void] {
  const [text, setText] = useState(inAddress ?? "");
  const seen = useRef(inAddress);
  /** What the field itself wrote there last. */
  const own = useRef(inAddress);
  const latest = useRef(put);
  useEffect(() => {
    latest.current = put;
  });
  useEffect(() => {
    const isNew = seen.current !== inAddress;
    seen.current = inAddress;
    if (isNew && own.current !== inAddress) {
      own.current = inAddress;
      setText(inAddress ?? "");
      return;
    }
    const typed = text.trim() || undefined;
    if (typed === inAddress) return;
    const timer = setTimeout(() => {
      own.current = typed;
      latest.current(typed);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, inAddress]);
  return [text, setText];
}
