import type { StationPageView } from "@flashline/contract";
import type { StationPage } from "../page/station-page.ts";

/** Many changes in a short time are one for the page, milliseconds. */
const EVERY_MS = 50;

export interface PublishedView extends Pick<StationPage, "view" | "subscribe"> {
  /** Something that the view shows has changed. */
  changed(): void;
  close(): void;
}

/** The present view on request, and to listeners soon after each change. */
export function publishedView(view: () => StationPageView): PublishedView {
  const listeners = new Set<(view: StationPageView) => void>();
  let publishing: NodeJS.Timeout | undefined;
  const publish = (): void => {
    publishing = undefined;
    const current = view();
    for (const listener of listeners) listener(current);
  };
  return {
    view,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    changed() {
      publishing ??= setTimeout(publish, EVERY_MS);
    },
    close: () => clearTimeout(publishing),
  };
}
