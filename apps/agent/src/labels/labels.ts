import {
  type LabelDecision,
  type LeasedJob,
  normaliseSerial,
  REPRINT_REASONS,
  type StationPageView,
} from "@flashline/contract";
import type { Worker } from "../people/worker.ts";
import { refusalOf } from "../server/refusal.ts";
import { type LabelNeed, type LabelPlace, labelNeed } from "./need.ts";
import { createLabelQueue, type LabelQueueOptions, type OpenLabel } from "./queue.ts";
import { type LabelRecord, waitsFor } from "./record.ts";
import { isOwnLabel } from "./scanned.ts";
import type { NewEntry } from "./store.ts";

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
  /** Prints nothing more, and resolves when nothing is being printed. What is due stays on the disk. */
  stop(): Promise<void>;
}

export interface LabelsOptions extends LabelQueueOptions {
  readonly place: () => LabelPlace;
  readonly worker: () => Worker | null | undefined;
  /** Nobody is logged in, and nobody works here without. */
  readonly needsBadge: () => boolean;
}

/** What somebody is asked: whose label is wanted, or why. */
type Asking =
  | { readonly kind: "nothing" }
  | { readonly kind: "whose" }
  | { readonly kind: "why"; readonly attemptId: string; readonly nest: string | null };

const NOTHING: Asking = { kind: "nothing" };

/** How long somebody is asked, milliseconds. */
const ASKED_MS = 30_000;
/** So often one unit's label is printed once more. */
const MOST_REPRINTS = 50;
/** Of wrong scans of one label so many are kept. */
const MOST_MIXED = 20;

export function createLabels(options: LabelsOptions): Labels {
  const { store, printer, log, notify } = options;
  const queue = createLabelQueue({ ...options, onChange: changed });
  let asking = NOTHING;
  let timer: NodeJS.Timeout | undefined;

  const operator = () => ({ operator: options.worker()?.id ?? null });
  const toScan = (): OpenLabel | undefined => {
    const one = queue.current();
    return one?.stage === "scan" || one?.stage === "doubtful" ? one : undefined;
  };
  const countOf = ({ entries }: LabelRecord, deed: "mixed" | "reprint"): number =>
    entries.filter((entry) => entry.deed === deed).length;

  function ask(next: Asking): void {
    clearTimeout(timer);
    asking = next;
    if (next.kind !== "nothing") {
      timer = setTimeout(() => ask(NOTHING), ASKED_MS);
      timer.unref();
    }
    options.onChange();
  }
  /** A label that is done, or on its way, is not asked about any more. */
  function changed(): void {
    const about = asking.kind === "why" && asking.nest !== null ? asking.attemptId : undefined;
    const stage = about === undefined ? undefined : queue.get(about)?.stage;
    const isOver = stage === undefined || stage === "printing" || stage === "waiting";
    if (about !== undefined && isOver) ask(NOTHING);
    else options.onChange();
  }

  const refuse = (
    code: "label.none" | "label.too_often" | "label.other_code",
    scanned: string,
  ): void => notify({ key: "scan-refused", kind: "refused", code, scanned });

  /** Of the label that is wanted once more: the latest one of the unit here. */
  function scanWhose(text: string): void {
    const serial = normaliseSerial(text);
    const record = store
      .all()
      .findLast((one) => one.serial === serial || (one.code !== null && isOwnLabel(text, one)));
    const isPrinted = record !== undefined && record.entries.length > 0;
    if (isPrinted && printer !== undefined) {
      const { attemptId } = record;
      ask({ kind: "why", attemptId, nest: queue.get(attemptId)?.nest ?? null });
      return;
    }
    ask(NOTHING);
    refuse("label.none", serial);
  }

  function scanLabel(record: LabelRecord, text: string): void {
    const { attemptId, serial } = record;
    if (isOwnLabel(text, record)) {
      notify({ key: "label-done", kind: "info", serial });
      queue.finish(attemptId, { deed: "scanned", ...operator() });
      return;
    }
    const scanned = text.trim().slice(0, 200);
    if (countOf(record, "mixed") < MOST_MIXED) {
      void queue.enter(attemptId, { deed: "mixed", scanned, ...operator() });
    }
    log.info({ step: "label", attemptId, serial, scanned: scanned.slice(0, 80) }, "another label");
    refuse("label.other_code", scanned);
  }

  function again(record: LabelRecord, nest: string | null, reason: string): void {
    const { attemptId, serial } = record;
    if (countOf(record, "reprint") >= MOST_REPRINTS) {
      refuse("label.too_often", serial);
      return;
    }
    // Where nothing came out yet this is no second label.
    const entry: NewEntry = { deed: "reprint", reason, ...operator() };
    if (nest !== null) notify({ key: "label-again", kind: "info", serial });
    queue.print(attemptId, nest, record.entries.length === 0 ? undefined : entry);
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
      if (printer === undefined) void queue.enter(attemptId, { deed: "no-printer" });
      else queue.put(attemptId, record.nest);
    },
    async restore(hasPassed) {
      for (const { attemptId, begun, entries } of store.all()) {
        if (begun) await queue.enter(attemptId, { deed: "doubtful" });
        else if (entries.length === 0 && !hasPassed(attemptId)) await store.forget(attemptId);
        else if (entries.length === 0 && printer === undefined) {
          await queue.enter(attemptId, { deed: "no-printer" });
        }
      }
      // What is in somebody's hand comes before what is to be printed.
      const waiting = store.all().filter((record) => waitsFor(record) !== "nothing");
      const toPrint = waiting.filter((record) => waitsFor(record) === "print");
      const inHand = waiting.filter((record) => !toPrint.includes(record));
      for (const { attemptId, nest } of [...inHand, ...toPrint]) queue.put(attemptId, nest);
    },
    get scanNest() {
      return toScan()?.nest ?? null;
    },
    takesScan(selected) {
      if (asking.kind === "whose") return true;
      const one = toScan();
      return one !== undefined && (selected === null || selected === one.nest);
    },
    scan(text) {
      if (asking.kind === "whose") {
        scanWhose(text);
        return;
      }
      const one = toScan();
      const record = one === undefined ? undefined : store.get(one.attemptId);
      if (record !== undefined) scanLabel(record, text);
    },
    acknowledge(nest) {
      const one = queue.ofNest(nest);
      if (one?.stage !== "trouble") return false;
      queue.retry(one.attemptId);
      return true;
    },
    ask(nest) {
      if (options.needsBadge()) {
        notify({ key: "nobody-logged-in", kind: "refused" });
        return;
      }
      const one = nest === null ? queue.current() : queue.ofNest(nest);
      if (one === undefined && nest === null) {
        ask({ kind: "whose" });
        notify({ key: "label-whose", kind: "info" });
      } else if (one !== undefined && one.stage !== "printing" && one.stage !== "waiting") {
        ask({ kind: "why", attemptId: one.attemptId, nest: one.nest });
      }
    },
    get asked() {
      const record = asking.kind === "why" ? store.get(asking.attemptId) : undefined;
      if (asking.kind !== "why" || record === undefined) return null;
      const { serial, entries } = record;
      return { serial, nest: asking.nest, printed: entries.length > 0 };
    },
    decide(decision) {
      const about = asking;
      ask(NOTHING);
      const record = about.kind === "why" ? store.get(about.attemptId) : undefined;
      if (about.kind !== "why" || record === undefined || decision === null) return;
      const { attemptId, serial } = record;
      if (decision !== "skip") again(record, about.nest, REPRINT_REASONS[decision]);
      else if (queue.get(attemptId) !== undefined) {
        notify({ key: "label-skipped", kind: "info", serial });
        queue.finish(attemptId, { deed: "skipped", ...operator() });
      }
    },
    prune: (keepAfter) => store.prune(keepAfter, (attemptId) => queue.get(attemptId) !== undefined),
    stop: queue.stop,
  };
}
