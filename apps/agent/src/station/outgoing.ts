import { join } from "node:path";
import type { Logger } from "pino";
import { startDelivery } from "../deliver/delivery.ts";
import type { Delivery } from "../deliver/rounds.ts";
import type { Journal } from "../journal/journal.ts";
import { type ServerLink, serverLink } from "../server/link.ts";
import { startTranscriptDelivery } from "../transcripts/delivery.ts";
import { type TranscriptStore, transcriptStore } from "../transcripts/store.ts";
import type { Board } from "./board.ts";

export interface OutgoingOptions {
  readonly serverUrl: string;
  readonly credential: string;
  readonly dataDir: string;
  readonly journal: Journal;
  readonly board: Board;
  readonly log: Logger;
}

/** The server, and what waits here for it. */
export interface Outgoing {
  readonly link: ServerLink;
  readonly delivery: Delivery;
  readonly transcripts: TranscriptStore;
  /** What was not delivered stays on the disk. */
  stop(): Promise<void>;
}

/** Delivers results and transcripts. Each waits for the other and for the server, so every change wakes both. */
export function startOutgoing(options: OutgoingOptions): Outgoing {
  const { serverUrl, credential, dataDir, journal, board, log } = options;
  const link = serverLink({
    baseUrl: serverUrl,
    credential,
    onChange(connected) {
      log.info({ step: "server" }, connected ? "server reached" : "server away");
      if (connected) {
        delivery.wake();
        transcriptDelivery.wake();
      }
      board.touch();
    },
  });
  const delivery = startDelivery({
    journal,
    link,
    log,
    asideDir: join(dataDir, "aside"),
    onSettled(attempt, aside) {
      if (journal.undelivered().length === 0) transcriptDelivery.wake();
      const serial = attempt.summary?.serial ?? null;
      if (aside) board.notify({ key: "result-refused", kind: "refused", serial });
      else board.touch();
    },
  });
  const transcripts = transcriptStore(join(dataDir, "transcripts"), {
    log,
    onKept: () => transcriptDelivery.wake(),
  });
  const transcriptDelivery = startTranscriptDelivery({ store: transcripts, journal, link, log });
  return {
    link,
    delivery,
    transcripts,
    async stop() {
      await Promise.all([delivery.stop(), transcriptDelivery.stop()]);
    },
  };
}
