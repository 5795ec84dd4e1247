import { HERE_MS, liveHub, type TabWord } from "./hub.ts";
import { followStream } from "./stream.ts";

/** What of a shared worker's scope is used here; the page's types do not know it. */
interface SharedScope {
  /** What the pages called it: the path of the stream. */
  readonly name: string;
  onconnect: ((event: MessageEvent) => void) | null;
}

const scope = globalThis as unknown as SharedScope;
const hub = liveHub(
  (tell) => followStream(scope.name, tell),
  () => performance.now(),
);
setInterval(hub.sweep, HERE_MS);

scope.onconnect = ({ ports }) => {
  for (const port of ports) {
    port.onmessage = ({ data }: MessageEvent<TabWord>) => hub.hear(port, data);
  }
};
