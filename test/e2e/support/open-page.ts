import type { NestView, StationPageView } from "@flashline/contract";
import { viewsIn } from "./page-views.ts";

/** The station page as a browser has it open: it is told every change, and does what hands do. */
export interface OpenPage {
  readonly view: StationPageView;
  /** Waits until the nest is in one of the states. @throws RangeError after a minute, or when the agent has ended */
  nestIn(name: string, ...states: readonly NestView["state"][]): Promise<NestView>;
  /** @throws RangeError after a minute */
  until(what: string, isSo: (view: StationPageView) => boolean): Promise<void>;
  tell(action: string, body: Readonly<Record<string, string>>): Promise<void>;
  /** Resolves when the agent has ended, or the page was closed. */
  readonly gone: Promise<void>;
  close(): void;
}

const PATIENCE_MS = 60_000;

/** @throws RangeError when the page does not answer */
export async function openPage(url: string): Promise<OpenPage> {
  const closing = new AbortController();
  let view: StationPageView | undefined;
  let isOver = false;
  const looks = new Set<() => void>();
  const connect = () => fetch(`${url}/api/events`, { signal: closing.signal });
  const hear = async (body: ReadableStream<Uint8Array>) => {
    // Each is the whole view, and each is shown.
    for await (const next of viewsIn(body)) {
      view = next;
      for (const look of [...looks]) look();
    }
  };
  /** As a browser does: a page that is too slow is put off, and comes back. */
  const stay = async (first: Response) => {
    for (let answer = first; ; answer = await connect()) {
      if (answer.body !== null) await hear(answer.body).catch(() => undefined);
    }
  };
  const over = (): void => {
    isOver = true;
    for (const look of looks) look();
  };
  const gone = stay(await connect()).catch(over);

  const until = <T>(what: string, look: (view: StationPageView) => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        looks.delete(check);
      };
      const fail = (why: string) => {
        stop();
        const shown = JSON.stringify({ nests: view?.nests, notice: view?.notice });
        reject(new RangeError(`${what}: ${why}: ${shown}`));
      };
      const check = () => {
        const found = view === undefined ? undefined : look(view);
        if (found !== undefined) {
          stop();
          resolve(found);
        } else if (isOver) fail("the page is gone");
      };
      const timer = setTimeout(() => fail(`not within ${PATIENCE_MS} ms`), PATIENCE_MS);
      looks.add(check);
      check();
    });
  await until("the page shows the station", (shown) => shown);

  return {
    get view() {
      if (view === undefined) throw new RangeError("the page shows nothing yet");
      return view;
    },
    nestIn: (name, ...states) =>
      until(`nest ${name} is ${states.join(" or ")}`, ({ nests }) =>
        nests.find((nest) => nest.name === name && states.includes(nest.state)),
      ),
    async until(what, isSo) {
      await until(what, (shown) => isSo(shown) || undefined);
    },
    async tell(action, body) {
      const told = await fetch(`${url}/api/${action}`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: url },
        body: JSON.stringify(body),
      });
      if (!told.ok) throw new RangeError(`${action}: ${told.status} ${await told.text()}`);
      await told.body?.cancel();
    },
    gone,
    close: () => closing.abort(),
  };
}
