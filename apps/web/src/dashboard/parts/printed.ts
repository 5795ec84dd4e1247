import { useElementSize } from "@mantine/hooks";
import { type RefCallback, useEffect, useState } from "react";
import { flushSync } from "react-dom";

/** Whether the page is being printed: paper shows what a screen leaves to scrolling. */
export function usePrinted(): boolean {
  const [isPrinted, setPrinted] = useState(false);
  useEffect(() => {
    // The picture for the printer is taken when this returns.
    const before = () => flushSync(() => setPrinted(true));
    const after = () => setPrinted(false);
    window.addEventListener("beforeprint", before);
    window.addEventListener("afterprint", after);
    return () => {
      window.removeEventListener("beforeprint", before);
      window.removeEventListener("afterprint", after);
    };
  }, []);
  return isPrinted;
}

/** As wide as a card on A4 is by print.css, pixels; other paper scales the picture a little. */
const PAPER_WIDTH = 840;

/** The width that a picture has room for, pixels; 0 until it is known. A screen's would be cut off by paper, or be too small to read. */
export function usePictureWidth(): {
  readonly ref: RefCallback<HTMLDivElement | null>;
  readonly width: number;
} {
  const { ref, width } = useElementSize<HTMLDivElement>();
  return { ref, width: usePrinted() ? PAPER_WIDTH : width };
}
