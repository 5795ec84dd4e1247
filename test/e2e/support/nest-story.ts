import { setTimeout as pause } from "node:timers/promises";
import type { NestView, StationPageView } from "@flashline/contract";
import { viewsIn } from "./page-views.ts";

/** A place in the story of one life of an agent. */
export interface StoryPlace {
  readonly life: number;
  readonly view: number;
  /** Notices are counted: a view with fewer is of before. */
  readonly notices: number;
}

/**
 * What a station's page was told of its nests, view by view. A PASS is shown for less than a second where the clock runs fast: it is in
 * the story however late a busy machine looks for it.
 */
export interface NestStory {
  /** What was told before counts no more: something is done to the units. */
  goOn(): void;
  /** What was told before this answer of the agent to an act at its page counts no more. */
  goOnFrom(answer: StationPageView): void;
  /** Nothing of the agent that ran until now counts. */
  forget(): void;
  /** From where on it counts now. */
  readonly now: StoryPlace;
  /** The nest in the first of the states that it came to since, as it was told last; undefined while it came to none of them. */
  find(nest: string, states: readonly NestView["state"][], since: StoryPlace): NestView | undefined;
  close(): void;
}

const AGAIN_MS = 40;

/** Of the agent that is or will be at this address, and of each next one. */
export function followNests(url: string): NestStory {
  const closing = new AbortController();
  let views: StationPageView[] = [];
  let now: StoryPlace = { life: 0, view: 0, notices: 0 };
  /** Where each nest was found last. */
  const found = new Map<string, number>();

  const forget = (): void => {
    views = [];
    now = { life: now.life + 1, view: 0, notices: 0 };
    found.clear();
  };
  const hear = async (body: ReadableStream<Uint8Array>): Promise<void> => {
    forget();
    for await (const view of viewsIn(body)) views.push(view);
  };
  void (async () => {
    while (!closing.signal.aborted) {
      const opened = fetch(`${url}/api/events`, { signal: closing.signal });
      await opened.then(({ body }) => body && hear(body)).catch(() => undefined);
      await pause(AGAIN_MS);
    }
  })();

  return {
    goOn() {
      now = { ...now, view: Math.max(0, views.length - 1) };
    },
    goOnFrom({ notice }) {
      now = { ...now, notices: notice.count };
    },
    forget,
    get now() {
      return now;
    },
    find(name, states, { life, view, notices }) {
      const isSameLife = life === now.life;
      const isSince = (at: number) => !isSameLife || (views[at]?.notice.count ?? 0) >= notices;
      const nestAt = (at: number) => views[at]?.nests.find((nest) => nest.name === name);
      let at = Math.max(isSameLife ? view : 0, found.get(name) ?? 0);
      for (; at < views.length; at += 1) {
        const state = nestAt(at)?.state;
        if (state !== undefined && states.includes(state) && isSince(at)) break;
      }
      const first = nestAt(at);
      if (first === undefined) return undefined;
      while (nestAt(at + 1)?.state === first.state) at += 1;
      found.set(name, at);
      return nestAt(at);
    },
    close: () => closing.abort(),
  };
}
