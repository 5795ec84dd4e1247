import { LIVE_PATH } from "@flashline/contract";
import { HERE_MS, type TabWord } from "./hub.ts";
import { followStream, type StreamNews, type Tell } from "./stream.ts";

/** Joins the browser's one stream; undefined where the browser has no shared workers. */
function join(tell: Tell, onFailed: () => void): (() => void) | undefined {
  if (!("SharedWorker" in globalThis)) return undefined;
  const worker = new SharedWorker(new URL("./shared-worker.ts", import.meta.url), {
    type: "module",
    name: LIVE_PATH,
  });
  const { port } = worker;
  const say = (word: TabWord): void => port.postMessage(word);
  const here = (): void => say("here");
  const bye = (): void => say("bye");
  worker.onerror = onFailed;
  port.onmessage = ({ data }: MessageEvent<StreamNews>) => tell(data);
  here();
  const timer = setInterval(here, HERE_MS);
  // A page that the browser keeps for the way back is no listener, and is one again when it is shown.
  addEventListener("pagehide", bye);
  addEventListener("pageshow", here);
  return () => {
    clearInterval(timer);
    removeEventListener("pagehide", bye);
    removeEventListener("pageshow", here);
    bye();
    port.close();
  };
}

/** Follows the server's events: by one stream for all tabs of a browser, or by one of its own where that cannot be. */
export function followShared(tell: Tell): () => void {
  let leave: (() => void) | undefined;
  let left = false;
  leave = join(tell, () => {
    leave?.();
    if (!left) leave = followStream(LIVE_PATH, tell);
  });
  leave ??= followStream(LIVE_PATH, tell);
  return () => {
    left = true;
    leave?.();
  };
}
