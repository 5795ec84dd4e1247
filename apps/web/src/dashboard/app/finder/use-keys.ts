import { useEffect, useRef } from "react";
import { lineOf, type Stroke } from "../../../shared/strokes.ts";

/** A line that nobody ends is forgotten. */
const MOST_STROKES = 200;

interface Heard {
  /** Ctrl-K, or Cmd-K. */
  readonly onOpen: () => void;
  /** A line as fast as only a scanner types, wherever the focus is but in a field. */
  readonly onScan: (text: string) => void;
}

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches("input, textarea, select"));

/** Hears the keyboard of the whole page. */
export function useFinderKeys(heard: Heard): void {
  const latest = useRef(heard);
  useEffect(() => {
    latest.current = heard;
  });
  useEffect(() => {
    let strokes: Stroke[] = [];
    const onKey = (event: KeyboardEvent): void => {
      const { key, ctrlKey, metaKey, altKey } = event;
      if ((ctrlKey || metaKey) && key.toLowerCase() === "k") {
        event.preventDefault();
        latest.current.onOpen();
        return;
      }
      if (isField(event.target) || ctrlKey || metaKey || altKey || event.isComposing) return;
      if (key === "Enter") {
        const { text, scanned } = lineOf(strokes);
        strokes = [];
        if (!scanned || text === "") return;
        // It ends a scan and presses no button that has the focus.
        event.preventDefault();
        latest.current.onScan(text);
      } else if ([...key].length === 1) {
        strokes = [...strokes.slice(-MOST_STROKES), { char: key, at: event.timeStamp }];
      }
    };
    addEventListener("keydown", onKey, { capture: true });
    return () => removeEventListener("keydown", onKey, { capture: true });
  }, []);
}
