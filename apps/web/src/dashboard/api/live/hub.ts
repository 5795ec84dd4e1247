import type { StreamNews, Tell } from "./stream.ts";

/** What a tab says to the shared stream: it is there (again and again), or it goes. */
export type TabWord = "here" | "bye";

/** How often a tab says that it is there, milliseconds. */
export const HERE_MS = 20_000;
/** A tab that said nothing for so long is gone. Browsers let the timers of a hidden tab run once a minute. */
const GONE_MS = 180_000;

/** A tab, as far as the stream knows it. */
export interface Tab {
  readonly postMessage: Tell;
}

interface Hub {
  readonly hear: (tab: Tab, word: TabWord) => void;
  /** Forgets tabs that have gone without a word. */
  readonly sweep: () => void;
}

/** One stream for all tabs: open while there is one, and each tab that comes is told how it stands. */
export function liveHub(follow: (tell: Tell) => () => void, now: () => number): Hub {
  const heard = new Map<Tab, number>();
  let end: (() => void) | undefined;
  let state: StreamNews | undefined;

  const tell: Tell = (news) => {
    if (news.kind !== "event") state = news;
    for (const tab of heard.keys()) tab.postMessage(news);
  };
  const forget = (tab: Tab): void => {
    heard.delete(tab);
    if (heard.size > 0) return;
    end?.();
    end = undefined;
    state = undefined;
  };
  return {
    hear(tab, word) {
      if (word === "bye") {
        forget(tab);
        return;
      }
      const isNew = !heard.has(tab);
      heard.set(tab, now());
      end ??= follow(tell);
      if (isNew && state !== undefined) tab.postMessage(state);
    },
    sweep() {
      for (const [tab, at] of heard) if (now() - at > GONE_MS) forget(tab);
    },
  };
}
