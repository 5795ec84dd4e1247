import { StationPageView } from "@flashline/contract";
import { useEffect, useState } from "react";

/** What the page knows. `view` is null whenever it may not be shown as the truth. */
export type Connection =
  | { readonly state: "loading"; readonly view: null }
  | { readonly state: "live"; readonly view: StationPageView }
  | { readonly state: "lost"; readonly view: null; readonly before: StationPageView | null };

/** Without an event for this long the agent is asked; without an answer for as long, the page is lost. */
const QUIET_MS = 4000;

/** What the agent knows now; null when it does not answer. */
export async function viewNow(): Promise<StationPageView | null> {
  try {
    const answer = await fetch("/api/view", { signal: AbortSignal.timeout(QUIET_MS) });
    const parsed = StationPageView.safeParse(await answer.json());
    return answer.ok && parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function viewOf(data: unknown): StationPageView | null {
  try {
    const parsed = StationPageView.safeParse(JSON.parse(String(data)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Follows the agent by server-sent events, and does not trust their silence: an agent that hangs is a lost one. */
export function useConnection(): Connection {
  const [connection, setConnection] = useState<Connection>({ state: "loading", view: null });

  useEffect(() => {
    let heardAt = performance.now();
    let asking = false;
    let events: EventSource | undefined;

    let loadedOf: string | undefined;
    const heard = (view: StationPageView | null): void => {
      loadedOf ??= view?.agentVersion;
      // Another version serves another page.
      if (view !== null && view.agentVersion !== loadedOf) location.reload();
      else if (view === null) lose();
      else {
        heardAt = performance.now();
        setConnection({ state: "live", view });
      }
    };
    const lose = (): void => {
      setConnection((known) =>
        known.state === "lost" ? known : { state: "lost", view: null, before: known.view },
      );
    };
    const open = (): void => {
      events?.close();
      events = new EventSource("/api/events");
      events.addEventListener("view", (event: MessageEvent<unknown>) => heard(viewOf(event.data)));
      events.addEventListener("error", lose);
    };

    open();
    const watch = setInterval(() => {
      if (asking || performance.now() - heardAt < QUIET_MS) return;
      asking = true;
      const before = heardAt;
      void viewNow().then((view) => {
        asking = false;
        // The stream was faster: what it said is newer than the answer, or than the silence.
        if (heardAt !== before) return;
        if (view !== null && events?.readyState === EventSource.CLOSED) open();
        heard(view);
      });
    }, 1000);
    return () => {
      clearInterval(watch);
      events?.close();
    };
  }, []);

  return connection;
}

type Act =
  | "scan"
  | "start"
  | "acknowledge"
  | "decide"
  | "ask-label"
  | "decide-label"
  | "call-lead"
  | "end-call";

async function post(action: Act, body: Readonly<Record<string, string | null>>): Promise<boolean> {
  try {
    const answer = await fetch(`/api/${action}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(QUIET_MS * 2),
    });
    return answer.ok || (answer.status >= 400 && answer.status < 500);
  } catch {
    return false;
  }
}

/** What was told last, while it is not known whether it was heard. */
let telling: Promise<boolean> | undefined;

/**
 * False when the agent could not be reached; what it says to the request itself comes back in the view's notice. One after the other: a serial that
 * overtook its nest's barcode would go to another nest. What was to follow on something that was not heard is not told either.
 */
export function tell(
  action: Act,
  body: Readonly<Record<string, string | null>> = {},
): Promise<boolean> {
  const before = telling ?? Promise.resolve(true);
  const told = before.then((heard) => heard && post(action, body));
  telling = told;
  void told.then(() => {
    if (telling === told) telling = undefined;
  });
  return told;
}
