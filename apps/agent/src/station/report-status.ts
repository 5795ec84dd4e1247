import type { StationStatus } from "@flashline/contract";
import type { Logger } from "pino";
import type { ServerLink } from "../server/link.ts";
import { rest } from "../signals.ts";

/** Least time between two reports, and the longest silence, milliseconds (the contract's figures). */
const AT_MOST_EVERY_MS = 500;
const SIGN_OF_LIFE_MS = 15_000;

export interface StatusReporter {
  changed(): void;
  /** The server said that the setup may have changed: it is asked for whatever its version is. A version that comes back hides a change. */
  setupChanged(): void;
  stop(): Promise<void>;
}

export interface StatusReporterOptions {
  readonly link: ServerLink;
  readonly log: Logger;
  readonly status: () => StationStatus;
  /** The server has another setup than the one that was fetched last. */
  readonly onSetupChanged: () => Promise<void>;
}

/** Tells the server how the nests are, on change and as a sign of life; hears from it when the setup has changed. */
export function startStatusReports(options: StatusReporterOptions): StatusReporter {
  const { link, log, status, onSetupChanged } = options;
  const stopping = new AbortController();
  let wake = new AbortController();
  let setupVersion: string | undefined;
  let told = 0;

  const report = async (): Promise<void> => {
    const before = told;
    const { body } = await link.call("status", { body: status() }, { signal: stopping.signal });
    if (body.setupVersion === setupVersion) return;
    await onSetupChanged();
    // Told meanwhile: what was fetched may be older than that.
    setupVersion = told === before ? body.setupVersion : undefined;
  };

  const loop = (async () => {
    while (!stopping.signal.aborted) {
      wake = new AbortController();
      await report().catch((error: unknown) => {
        if (!stopping.signal.aborted) log.debug({ err: error, step: "status" }, "not reported");
      });
      await rest(AT_MOST_EVERY_MS, stopping.signal);
      await rest(SIGN_OF_LIFE_MS, stopping.signal, wake.signal);
    }
  })();

  return {
    changed: () => wake.abort(),
    setupChanged() {
      told += 1;
      setupVersion = undefined;
      wake.abort();
    },
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}
