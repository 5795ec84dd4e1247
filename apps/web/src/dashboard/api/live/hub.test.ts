import { expect, it } from "vitest";
import { liveHub, type Tab } from "./hub.ts";
import type { StreamNews, Tell } from "./stream.ts";

/** A stream that is opened and ended by the hub, and tabs that write down what they hear. */
function scene() {
  const streams: { tell: Tell; ended: boolean }[] = [];
  let now = 0;
  const hub = liveHub(
    (tell) => {
      const stream = { tell, ended: false };
      streams.push(stream);
      return () => {
        stream.ended = true;
      };
    },
    () => now,
  );
  const tab = (): Tab & { readonly heard: StreamNews[] } => {
    const heard: StreamNews[] = [];
    return { heard, postMessage: (news) => heard.push(news) };
  };
  return { hub, streams, tab, later: (ms: number) => (now += ms) };
}
const OPEN = { kind: "open" } as const;

it("opens one stream for all tabs and tells each of them everything", () => {
  const { hub, streams, tab } = scene();
  const [first, second] = [tab(), tab()];
  hub.hear(first, "here");
  streams[0]?.tell(OPEN);
  hub.hear(second, "here");
  streams[0]?.tell({ kind: "event", data: "1" });
  expect(streams).toHaveLength(1);
  expect(first.heard).toEqual([OPEN, { kind: "event", data: "1" }]);
  expect(second.heard).toEqual(first.heard);
});

it("tells a tab that comes while the stream is broken that it is", () => {
  const { hub, streams, tab } = scene();
  const [first, second] = [tab(), tab()];
  hub.hear(first, "here");
  streams[0]?.tell(OPEN);
  streams[0]?.tell({ kind: "broken" });
  hub.hear(second, "here");
  expect(second.heard).toEqual([{ kind: "broken" }]);
});

it("ends the stream with the last tab, whether it said so or fell silent, and opens another for the next", () => {
  const { hub, streams, tab, later } = scene();
  const [first, second, third] = [tab(), tab(), tab()];
  hub.hear(first, "here");
  hub.hear(second, "here");
  hub.hear(first, "bye");
  later(100_000);
  hub.hear(second, "here");
  later(100_000);
  hub.sweep();
  expect(streams[0]?.ended).toBe(false);
  later(100_000);
  hub.sweep();
  expect(streams[0]?.ended).toBe(true);
  hub.hear(third, "here");
  expect(streams).toHaveLength(2);
  expect(third.heard).toEqual([]);
});
