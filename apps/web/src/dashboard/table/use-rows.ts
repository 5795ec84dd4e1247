import { useMediaQuery } from "@mantine/hooks";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type RefObject, useLayoutEffect, useRef, useState } from "react";
import { usePrinted } from "../parts/printed.ts";

/** The same as in long-table.css: below it each row is a card. */
const CARDS = "(max-width: 700px)";
/** How high a row is, pixels, until it has been measured. */
const ROW = 43;
const CARD = 190;
/** Rows that are there above and below what can be seen. */
const BESIDE = 12;

export interface ShownRow {
  readonly index: number;
  readonly key: string;
}

/**
 * Of a long list the rows that can be seen, with the space above and below them in pixels. The window scrolls; `body` holds the rows, each with
 * its `data-index`, and can have the focus itself.
 */
export function useRows(
  body: RefObject<HTMLTableSectionElement | null>,
  count: number,
  keyOf: (index: number) => string,
) {
  // Paper has all rows that were asked for, not only those that a screen shows.
  const isPrinted = usePrinted();
  const isCards = useMediaQuery(CARDS, false, { getInitialValueInEffect: false });
  const [top, setTop] = useState(0);
  /** The row that keys have led to, until it has the focus. */
  const wanted = useRef<number>(undefined);
  const rows = useWindowVirtualizer<HTMLTableRowElement>({
    count,
    estimateSize: () => (isCards ? CARD : ROW),
    overscan: BESIDE,
    scrollMargin: top,
    getItemKey: keyOf,
    initialRect: { width: window.innerWidth, height: window.innerHeight },
  });
  // What stands above the table comes and goes.
  useLayoutEffect(() => {
    const element = body.current;
    if (element === null) return;
    const now = Math.round(element.getBoundingClientRect().top + window.scrollY);
    if (now !== top) setTop(now);
  });
  const seen = rows.getVirtualItems();
  const first = seen[0];
  const last = seen.at(-1);
  const isAll = isPrinted || first === undefined || last === undefined;
  const shown: readonly ShownRow[] = isPrinted
    ? Array.from({ length: count }, (_, index) => ({ index, key: keyOf(index) }))
    : seen.map(({ index }) => ({ index, key: keyOf(index) }));
  return {
    shown,
    isCards,
    isPrinted,
    measure: rows.measureElement,
    above: isAll ? 0 : first.start - top,
    below: isAll ? 0 : rows.getTotalSize() - (last.end - top),
    last: last?.index ?? 0,
    /** Arrow keys go from row to row, to what opens it; Home and End to the ends of what is there. */
    onKeyDown(event: KeyboardEvent<HTMLElement>): void {
      const at = (event.target as HTMLElement).closest<HTMLElement>("[data-index]");
      const from = wanted.current ?? (at === null ? undefined : Number(at.dataset["index"]));
      const to = from === undefined ? undefined : target(event.key, from, count);
      if (to === undefined) return;
      event.preventDefault();
      wanted.current = to;
      rows.scrollToIndex(to, { align: "auto" });
      focusRow(body, wanted);
    },
  };
}

function target(key: string, from: number, count: number): number | undefined {
  const to = { ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: count - 1 }[key];
  return to === undefined || to < 0 || to >= count ? undefined : to;
}

/** A row that was out of sight is there some frames after the window has scrolled to it. */
const FRAMES = 120;
function focusRow(
  body: RefObject<HTMLElement | null>,
  wanted: RefObject<number | undefined>,
  frames = FRAMES,
): void {
  const index = wanted.current;
  const rows = body.current;
  if (index === undefined || rows === null) return;
  const link = rows.querySelector<HTMLElement>(`[data-index="${index}"] a[href]`);
  const has = document.activeElement;
  const isElsewhere = has !== null && has !== document.body && !rows.contains(has);
  if (link !== null || isElsewhere || frames === 0) {
    wanted.current = undefined;
    if (!isElsewhere) link?.focus();
    return;
  }
  // The row that had the focus goes while the window scrolls: keys that come meanwhile must not get lost.
  if (has !== rows) rows.focus({ preventScroll: true });
  requestAnimationFrame(() => focusRow(body, wanted, frames - 1));
}
