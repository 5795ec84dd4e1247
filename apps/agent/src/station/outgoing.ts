import { join } from "node:path";
import type { Logger } from "pino";
import { openAside } from "../deliver/aside.ts";
import { startDelivery } from "../deliver/delivery.ts";
import { type Resent, resendAside } from "../deliver/resend.ts";
import type { Delivery } from "../deliver/rounds.ts";
import type { Journal } from "../journal/journal.ts";
import { startLabelDelivery } from "../labels/delivery.ts";
import type { LabelStore } from "../labels/store.ts";
import { type ServerLink, serverLink } from "../server/link.ts";
import { startTranscriptDelivery } from "../transcripts/delivery.ts";
import { type TranscriptStore, transcriptStore } from "../transcripts/store.ts";
import type { Board } from "./board.ts";

export interface OutgoingOptions {
  readonly serverUrl: string;
  readonly credential: string;
  readonly dataDir: string;
  readonly journal: Journal;
  readonly labels: LabelStore;
  readonly board: Board;
  readonly log: Logger;
  /** The server has taken a result, or refused it for good. */
  readonly onSettled: () => void;
}

/** The server, and what waits here for it. */
export interface Outgoing {
  readonly link: ServerLink;
  readonly delivery: Delivery;
  readonly transcripts: TranscriptStore;
  readonly labelDelivery: Delivery;
  /** How many results the server refused for good. */
  setAside(): number;
  /** Sends those once more. */
  resend(): Promise<Resent>;
  /** What was not delivered stays on the disk. */
  stop(): Promise<void>;
}

/** Delivers results, transcripts and what became of labels. Each waits for the other and for the server, so every change wakes both. */
export async function startOutgoing(options: OutgoingOptions): Promise<Outgoing> {
  const { serverUrl, credential, dataDir, journal, labels, board, log } = options;
  const aside = await openAside(join(dataDir, "aside"));
  const link = serverLink({
    baseUrl: serverUrl,
    credential,
    onChange(connected) {
      log.info({ step: "server" }, connected ? "server reached" : "server away");
      if (connected) {
        delivery.wake();
        transcriptDelivery.wake();
        labelDelivery.wake();
      }
      board.touch();
    },
  });
  const delivery = startDelivery({
    journal,
    link,
    log,
    aside,
    onSettled(attempt, refused) {
      if (journal.undelivered().length === 0) transcriptDelivery.wake();
      labelDelivery.wake();
      const serial = attempt.summary?.serial ?? null;
      if (refused) board.notify({ key: "result-refused", kind: "refused", serial });
      else board.touch();
      options.onSettled();
    },
  });
  const transcripts = transcriptStore(join(dataDir, "transcripts"), {
    log,
    onKept: () => transcriptDelivery.wake(),
  });
  const transcriptDelivery = startTranscriptDelivery({ store: transcripts, journal, link, log });
  const labelDelivery = startLabelDelivery({ store: labels, journal, link, log });
  return {
    link,
    delivery,
    transcripts,
    labelDelivery,
    setAside: () => aside.count,
    async resend() {
      const resent = await resendAside(aside, journal);
      delivery.wake();
      board.touch();
      return resent;
    },
    async stop() {
      await Promise.all([delivery.stop(), transcriptDelivery.stop(), labelDelivery.stop()]);
    },
  };
}
