import type { LabelStage, NestRefusal, NoticeMessage } from "@flashline/contract";
import type { Logger } from "pino";
import type { Nest } from "../nests/nest.ts";
import type { NestEvent } from "../nests/reduce.ts";
import type { Printer } from "./printer.ts";
import { type LabelWait, waitsFor } from "./record.ts";
import type { LabelStore, NewEntry } from "./store.ts";

/** The nests, as the station's board has them. */
export interface LabelBoard {
  nest(name: string): Nest | undefined;
  dispatch(nest: string, event: NestEvent): void;
  subscribe(listener: () => void): () => void;
}

/** A label that is not done. */
export interface OpenLabel {
  readonly attemptId: string;
  /** Null: its unit has left its nest, and the label is wanted once more. */
  readonly nest: string | null;
  readonly stage: LabelStage;
}

/** Labels that are not done, one after the other to the printer. */
export interface LabelQueue {
  get(attemptId: string): OpenLabel | undefined;
  ofNest(nest: string): OpenLabel | undefined;
  /**
   * The one that is being printed, or waits for hands. One label at a time is in somebody's hand: that is what keeps two from being mixed
   * up.
   */
  current(): OpenLabel | undefined;
  /** Puts a label in that stands in the store, at the place that its entries say. */
  put(attemptId: string, nest: string): void;
  /** Prints it, at its turn: again, and why, where it was printed before. */
  print(attemptId: string, nest: string | null, again: NewEntry | undefined): void;
  /** The printer is tried again; why it was printed once more, if it was, still stands. */
  retry(attemptId: string): void;
  /** The last thing that becomes of it. Not while it is being printed. */
  finish(attemptId: string, entry: NewEntry): void;
  /** One thing that becomes of a label, on the disk and for the server. */
  enter(attemptId: string, entry: NewEntry): Promise<void>;
  /** Prints nothing more, and resolves when nothing is being printed. */
  stop(): Promise<void>;
}

export interface LabelQueueOptions {
  readonly store: LabelStore;
  readonly printer: Printer | undefined;
  readonly board: LabelBoard;
  readonly log: Logger;
  readonly notify: (message: NoticeMessage) => void;
  /** There is something to tell the server. */
  readonly onEntry: () => void;
  /** A label changed its stage, or is done. */
  readonly onChange: () => void;
}

interface Open extends OpenLabel {
  stage: LabelStage;
  refusal: NestRefusal | null;
  /** Why it is printed once more. */
  again: NewEntry | undefined;
}

/** The stage of a label that waits for something; undefined: it is done. */
const STAGE_OF: Readonly<Record<LabelWait, LabelStage | undefined>> = {
  print: "waiting",
  scan: "scan",
  answer: "doubtful",
  nothing: undefined,
};

export function createLabelQueue(options: LabelQueueOptions): LabelQueue {
  const { store, printer, board, log, notify } = options;
  /** In the order in which they are printed. */
  const open = new Map<string, Open>();
  let printing: Promise<void> = Promise.resolve();
  let stopped = false;

  /** A nest that is gone from the station holds nobody up. */
  const isHere = ({ nest }: Open): boolean => nest === null || board.nest(nest) !== undefined;
  const current = (): Open | undefined =>
    [...open.values()].find((one) => one.stage !== "waiting" && isHere(one));

  function show({ attemptId, nest, stage, refusal }: Open): void {
    const record = store.get(attemptId);
    if (nest === null || record === undefined) return;
    const { serial, durationMs } = record;
    board.dispatch(nest, { event: "label", attemptId, serial, durationMs, stage, refusal });
  }
  function set(one: Open, stage: LabelStage, refusal: NestRefusal | null = null): void {
    one.stage = stage;
    one.refusal = refusal;
    show(one);
    options.onChange();
  }
  /** A nest that the server took out of the setup for a moment shows its label again. */
  board.subscribe(() => {
    for (const one of open.values()) {
      const state = one.nest === null ? undefined : board.nest(one.nest)?.state;
      if (state === "empty" || state === "present") show(one);
    }
  });

  /** A disk that does not take it is told of once, and tried with the next entry. */
  async function enter(attemptId: string, entry: NewEntry): Promise<void> {
    try {
      await store.enter(attemptId, entry);
    } catch (error) {
      const fields = { err: error, step: "label", attemptId, deed: entry.deed };
      log.error(fields, "what became of a label is not on the disk");
    }
    options.onEntry();
  }

  function done(one: Open): void {
    open.delete(one.attemptId);
    if (one.nest !== null) {
      board.dispatch(one.nest, { event: "label-done", attemptId: one.attemptId });
    }
    options.onChange();
    printNext();
  }

  /** Where its entries say that it is. */
  function goOn(one: Open): void {
    const record = store.get(one.attemptId);
    const stage = record === undefined ? undefined : STAGE_OF[waitsFor(record)];
    if (stage === undefined) done(one);
    else set(one, stage);
  }

  function printNext(): void {
    if (stopped || printer === undefined || current() !== undefined) return;
    const next = [...open.values()].find((one) => one.stage === "waiting" && isHere(one));
    if (next === undefined) return;
    set(next, "printing");
    printing = print(next, printer);
  }

  async function print(one: Open, by: Printer): Promise<void> {
    const { attemptId, again, nest } = one;
    const { zpl = "", serial = "" } = store.get(attemptId) ?? {};
    const fields = { step: "label", attemptId, serial, nest };
    const end = await by.print(zpl, () => store.begin(attemptId, again, nest === null));
    switch (end.kind) {
      case "printed":
        log.info(fields, "label printed");
        await enter(attemptId, { deed: "printed" });
        break;
      case "doubtful":
        log.warn({ ...fields, detail: end.detail }, "nobody knows whether the label was printed");
        await enter(attemptId, { deed: "doubtful" });
        break;
      case "not-sent": {
        const { code, detail } = end.refusal;
        log.warn({ ...fields, code, detail }, "the printer did not take the label");
        await store.notBegun(attemptId).catch(() => undefined);
        break;
      }
    }
    const refusal = end.kind === "not-sent" ? end.refusal : undefined;
    if (nest === null) endedLate(one, refusal?.code ?? lateCode(end.kind));
    else if (refusal !== undefined) set(one, "trouble", refusal);
    else {
      one.again = undefined;
      goOn(one);
    }
  }
  const lateCode = (kind: "printed" | "doubtful" | "not-sent"): string | undefined =>
    kind === "printed" ? undefined : "label.printer_away";

  /** No nest shows it: what became of it is said once. */
  function endedLate(one: Open, code: string | undefined): void {
    const { serial = "" } = store.get(one.attemptId) ?? {};
    if (code === undefined) notify({ key: "label-again", kind: "info", serial });
    else notify({ key: "scan-refused", kind: "refused", code, scanned: serial });
    done(one);
  }

  const put = (attemptId: string, nest: string | null): Open => {
    const one: Open = { attemptId, nest, stage: "waiting", refusal: null, again: undefined };
    open.set(attemptId, one);
    return one;
  };

  return {
    get: (attemptId) => open.get(attemptId),
    ofNest: (nest) => [...open.values()].find((one) => one.nest === nest),
    current,
    put(attemptId, nest) {
      goOn(put(attemptId, nest));
      printNext();
    },
    print(attemptId, nest, again) {
      const one = open.get(attemptId) ?? put(attemptId, nest);
      if (one.stage === "printing") return;
      one.again = again;
      set(one, "waiting");
      printNext();
    },
    retry(attemptId) {
      const one = open.get(attemptId);
      if (one?.stage !== "trouble") return;
      set(one, "waiting");
      printNext();
    },
    finish(attemptId, entry) {
      const one = open.get(attemptId);
      if (one === undefined || one.stage === "printing") return;
      void enter(attemptId, entry);
      done(one);
    },
    enter,
    async stop() {
      stopped = true;
      await printing;
    },
  };
}
