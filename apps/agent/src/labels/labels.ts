import {
  type LabelDecision,
  type LabelStage,
  type LeasedJob,
  type NestRefusal,
  type NoticeMessage,
  normaliseSerial,
  REPRINT_REASONS,
  type StationPageView,
} from "@flashline/contract";
import type { Logger } from "pino";
import type { Worker } from "../people/worker.ts";
import { refusalOf } from "../server/refusal.ts";
import type { Board } from "../station/board.ts";
import { type LabelNeed, type LabelPlace, labelNeed } from "./need.ts";
import type { Printer } from "./printer.ts";
import { type LabelRecord, type LabelWait, waitsFor } from "./record.ts";
import { isOwnLabel } from "./scanned.ts";
import type { LabelStore, NewEntry } from "./store.ts";

/** The labels of units that passed here: one after the other, each once, and again only when a person says why. */
export interface Labels {
  /** What the job's unit will get; see `labelNeed`. */
  need(job: LeasedJob): LabelNeed | undefined;
  /**
   * Written down before the PASS itself, so that no crash loses the label. A disk that takes it not keeps no result back: never rejects.
   */
  due(
    of: Pick<LabelRecord, "attemptId" | "serial" | "nest" | "durationMs">,
    need: LabelNeed,
  ): Promise<void>;
  /** The PASS stands in the journal, and its nest shows it. Returns at once. */
  passed(attemptId: string): void;
  /** Labels of an earlier life of the agent go on where they were; those of units that did not pass after all are forgotten. */
  restore(hasPassed: (attemptId: string) => boolean): Promise<void>;
  /** The nest whose label is to be scanned next. */
  readonly scanNest: string | null;
  /** Whether the next scan is a label, or says whose label is wanted once more. `selected`: the nest that it is for. */
  takesScan(selected: string | null): boolean;
  scan(text: string): void;
  /** The printer is ready again. False where the nest waits for no such thing. */
  acknowledge(nest: string): boolean;
  /** Somebody wants a label once more: of this nest, or of the one that waits, or else of the unit that is scanned next. */
  ask(nest: string | null): void;
  readonly asked: StationPageView["labelAsked"];
  /** The answer to why; null: nothing is printed. */
  decide(decision: LabelDecision | null): void;
  /** Forgets old labels. */
  prune(keepAfter: string): Promise<void>;
  /** Resolves when nothing is being printed. */
  idle(): Promise<void>;
}

export interface LabelsOptions {
  readonly store: LabelStore;
  /** Undefined: this station has none. */
  readonly printer: Printer | undefined;
  readonly board: Pick<Board, "nest" | "dispatch" | "subscribe">;
  readonly log: Logger;
  readonly place: () => LabelPlace;
  readonly worker: () => Worker | null | undefined;
  readonly notify: (message: NoticeMessage) => void;
  /** There is something to tell the server. */
  readonly onEntry: () => void;
  /** The view has changed. */
  readonly onChange: () => void;
}

/** A label that is not done. */
interface Open {
  readonly attemptId: string;
  /** Null: its unit has left its nest, and the label is wanted once more. */
  readonly nest: string | null;
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

/** How long somebody is asked, and how long a scan says whose label is wanted, milliseconds. */
const ASKED_MS = 30_000;
/** So often one unit's label is printed once more. */
const MOST_REPRINTS = 50;
/** Of wrong scans of one label so many are kept. */
const MOST_MIXED = 20;

export function createLabels(options: LabelsOptions): Labels {
  const { store, printer, board, log, notify } = options;
  /** In the order in which they are printed. */
  const open = new Map<string, Open>();
  let printing: Promise<void> = Promise.resolve();
  let asked: { readonly attemptId: string; readonly nest: string | null } | null = null;
  let asksWhose = false;
  let timer: NodeJS.Timeout | undefined;

  const operator = () => ({ operator: options.worker()?.id ?? null });
  const serialOf = (attemptId: string): string => store.get(attemptId)?.serial ?? "";
  /** A nest that is gone from the station holds nobody up. */
  const isHere = ({ nest }: Open): boolean => nest === null || board.nest(nest) !== undefined;
  /** One label at a time is in somebody's hand: that is what keeps two from being mixed up. */
  const current = (): Open | undefined =>
    [...open.values()].find((one) => one.stage !== "waiting" && isHere(one));
  const toScan = (): Open | undefined => {
    const one = current();
    return one !== undefined && (one.stage === "scan" || one.stage === "doubtful")
      ? one
      : undefined;
  };

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

  /** What became of it, on the disk and for the server. A disk that does not take it is told of once, and tried with the next entry. */
  async function enter(attemptId: string, entry: NewEntry): Promise<void> {
    try {
      await store.enter(attemptId, entry);
    } catch (error) {
      log.error(
        { err: error, step: "label", attemptId },
        "what became of a label is not on the disk",
      );
    }
    options.onEntry();
  }

  function done(one: Open): void {
    open.delete(one.attemptId);
    if (asked?.attemptId === one.attemptId) endAsking();
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
    if (printer === undefined || current() !== undefined) return;
    const next = [...open.values()].find((one) => one.stage === "waiting" && isHere(one));
    if (next === undefined) return;
    set(next, "printing");
    printing = print(next, printer);
  }

  async function print(one: Open, by: Printer): Promise<void> {
    const { attemptId, again, nest } = one;
    const zpl = store.get(attemptId)?.zpl ?? "";
    const fields = { step: "label", attemptId, serial: serialOf(attemptId), nest };
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
    ended(one, end.kind === "not-sent" ? end.refusal : undefined, end.kind === "doubtful");
  }

  function ended(one: Open, refusal: NestRefusal | undefined, isDoubtful: boolean): void {
    if (one.nest !== null && refusal !== undefined) {
      set(one, "trouble", refusal);
      return;
    }
    if (one.nest !== null) {
      one.again = undefined;
      goOn(one);
      return;
    }
    const serial = serialOf(one.attemptId);
    const code = refusal?.code ?? (isDoubtful ? "label.printer_away" : undefined);
    if (code === undefined) notify({ key: "label-again", kind: "info", serial });
    else notify({ key: "scan-refused", kind: "refused", code, scanned: serial });
    done(one);
  }

  function endAsking(): void {
    clearTimeout(timer);
    asked = null;
    asksWhose = false;
    options.onChange();
  }
  function startAsking(what: typeof asked): void {
    endAsking();
    asked = what;
    asksWhose = what === null;
    timer = setTimeout(endAsking, ASKED_MS);
    timer.unref();
    options.onChange();
  }
  const refuse = (code: "label.none" | "label.too_often" | "label.other_code", scanned: string) =>
    notify({ key: "scan-refused", kind: "refused", code, scanned });

  /** Of the label that is wanted once more: the latest one of the unit here. */
  function scanWhose(text: string): void {
    const serial = normaliseSerial(text);
    const record = store
      .all()
      .findLast((one) => one.serial === serial || (one.code !== null && isOwnLabel(text, one)));
    const one = record === undefined ? undefined : open.get(record.attemptId);
    const isPrinted = record !== undefined && record.entries.length > 0;
    if (record === undefined || !isPrinted || printer === undefined) {
      endAsking();
      refuse("label.none", serial);
      return;
    }
    startAsking({ attemptId: record.attemptId, nest: one?.nest ?? null });
  }

  function scanLabel(one: Open, text: string): void {
    const record = store.get(one.attemptId);
    if (record === undefined) return;
    const { attemptId, serial } = record;
    if (isOwnLabel(text, record)) {
      void enter(attemptId, { deed: "scanned", ...operator() });
      notify({ key: "label-done", kind: "info", serial });
      done(one);
      return;
    }
    const scanned = text.trim().slice(0, 200);
    const mixed = record.entries.filter(({ deed }) => deed === "mixed").length;
    if (mixed < MOST_MIXED) void enter(attemptId, { deed: "mixed", scanned, ...operator() });
    log.info({ step: "label", attemptId, serial, scanned: scanned.slice(0, 80) }, "another label");
    refuse("label.other_code", scanned);
  }

  function again(attemptId: string, nest: string | null, reason: string): void {
    const serial = serialOf(attemptId);
    const reprints = store.get(attemptId)?.entries.filter(({ deed }) => deed === "reprint") ?? [];
    if (reprints.length >= MOST_REPRINTS) {
      refuse("label.too_often", serial);
      return;
    }
    const entry: NewEntry = { deed: "reprint", reason, ...operator() };
    const one = open.get(attemptId);
    if (one !== undefined && one.stage === "printing") return;
    if (nest !== null) notify({ key: "label-again", kind: "info", serial });
    const next = one ?? { attemptId, nest, stage: "waiting" as const, refusal: null, again: entry };
    // Nothing came out yet: that is no second label.
    next.again = store.get(attemptId)?.entries.length === 0 ? undefined : entry;
    open.set(attemptId, next);
    set(next, "waiting");
    printNext();
  }

  return {
    need: (job) => labelNeed(job, options.place(), Date.now()),
    async due(of, need) {
      const record = { ...of, ...need, at: new Date().toISOString() };
      try {
        await store.add({ ...record, begun: false, late: false, entries: [], delivered: 0 });
      } catch (error) {
        const { code, detail } = refusalOf(error);
        log.error({ step: "label", attemptId: of.attemptId, code, detail }, "not on the disk");
      }
    },
    passed(attemptId) {
      const record = store.get(attemptId);
      if (record === undefined) return;
      if (printer === undefined) {
        void enter(attemptId, { deed: "no-printer" });
        return;
      }
      const { nest } = record;
      const one: Open = { attemptId, nest, stage: "waiting", refusal: null, again: undefined };
      open.set(attemptId, one);
      show(one);
      printNext();
    },
    async restore(hasPassed) {
      for (const { attemptId, nest, begun, entries } of store.all()) {
        if (entries.length === 0 && !begun && !hasPassed(attemptId)) {
          await store.forget(attemptId);
          continue;
        }
        if (begun) await enter(attemptId, { deed: "doubtful" });
        const record = store.get(attemptId);
        if (record === undefined || waitsFor(record) === "nothing") continue;
        if (printer === undefined && waitsFor(record) === "print") {
          await enter(attemptId, { deed: "no-printer" });
          continue;
        }
        const one: Open = { attemptId, nest, stage: "waiting", refusal: null, again: undefined };
        open.set(attemptId, one);
        goOn(one);
      }
      printNext();
    },
    get scanNest() {
      return toScan()?.nest ?? null;
    },
    takesScan(selected) {
      if (asksWhose) return true;
      const one = toScan();
      return one !== undefined && (selected === null || selected === one.nest);
    },
    scan(text) {
      const one = toScan();
      if (asksWhose) scanWhose(text);
      else if (one !== undefined) scanLabel(one, text);
    },
    acknowledge(nest) {
      const one = [...open.values()].find((each) => each.nest === nest);
      if (one?.stage !== "trouble") return false;
      set(one, "waiting");
      printNext();
      return true;
    },
    ask(nest) {
      const one = nest === null ? current() : [...open.values()].find((each) => each.nest === nest);
      if (one === undefined && nest === null) {
        startAsking(null);
        notify({ key: "label-whose", kind: "info" });
      } else if (one !== undefined && one.stage !== "printing" && one.stage !== "waiting") {
        startAsking({ attemptId: one.attemptId, nest: one.nest });
      }
    },
    get asked() {
      return asked === null ? null : { serial: serialOf(asked.attemptId), nest: asked.nest };
    },
    decide(decision) {
      const about = asked;
      endAsking();
      if (about === null || decision === null) return;
      const { attemptId, nest } = about;
      if (decision !== "skip") {
        again(attemptId, nest, REPRINT_REASONS[decision]);
        return;
      }
      const one = open.get(attemptId);
      if (one === undefined || one.stage === "printing") return;
      void enter(attemptId, { deed: "skipped", ...operator() });
      notify({ key: "label-skipped", kind: "info", serial: serialOf(attemptId) });
      done(one);
    },
    prune: (keepAfter) => store.prune(keepAfter, (attemptId) => open.has(attemptId)),
    idle: () => printing,
  };
}
