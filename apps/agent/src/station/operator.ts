import {
  type AgentAbility,
  type Code,
  firstToAcknowledge,
  type StationSetup,
  type Way,
} from "@flashline/contract";
import type { Logger } from "pino";
import type { Labels } from "../labels/labels.ts";
import type { Nest, ReadyNest } from "../nests/nest.ts";
import { decideScan, nextNest } from "../nests/scan.ts";
import type { People } from "../people/people.ts";
import { namedOperator } from "../people/worker.ts";
import type { ServerLink } from "../server/link.ts";
import { refusalFrom } from "../server/refusal.ts";
import type { Board } from "./board.ts";
import type { Decisions } from "./decisions.ts";
import { createKeptScan, type KeptScan } from "./kept-scan.ts";
import { createOrders, type OrderOptions } from "./orders.ts";
import type { Permission } from "./permission.ts";
import { createSelfStart } from "./self-start.ts";

/** What the person at the station can do: the page's keys and the barcodes on the table. */
export interface Operator {
  /** Returns at once; the server's answer shows at the nest. */
  scan(text: string): void;
  /** Without a nest: the one whose barcode was scanned last, or else every nest that is ready. Returns at once. */
  start(nest?: string): void;
  /** Without a nest: the one whose barcode was scanned last, or else the first that waits for it. */
  acknowledge(nest?: string): void;
  /** What became of the jobs that were ordered and are not here yet is asked: one that was called off never comes. */
  askForOrders(): void;
  /** The nest that the next serial goes to. */
  nextNest(): Nest | undefined;
  /** A scan that waits for its unit. */
  readonly kept: KeptScan["view"];
  /** The nests have changed, or time has passed: a scan may find its unit, and a unit may start by itself. */
  look(): void;
}

export interface OperatorOptions extends OrderOptions {
  readonly board: Board;
  readonly link: ServerLink;
  readonly log: Logger;
  readonly permission: Permission;
  readonly people: People;
  readonly abilities: readonly AgentAbility[];
  readonly decisions: Decisions;
  readonly labels: Labels;
  readonly setup: () => StationSetup | undefined;
  /** Another version of the agent is about to run: no unit is started. */
  readonly isUpdating?: () => boolean;
  /** Ends a job that has not erased anything yet; does nothing after that. */
  readonly cancelJob: (nest: string) => void;
  /** In which order unit, scan and START come here. */
  readonly way: Way;
  /** How long a scan waits for its unit, milliseconds. */
  readonly scanKeptMs: number;
  /** Station time, milliseconds. */
  readonly now: () => number;
}

/** A unit was scanned that no nest can take now. */
const NEEDS_NEST: ReadonlySet<Code> = new Set<Code>(["nest.none_free", "preflight.nest_busy"]);

/** How long a scanned nest barcode waits for its serial, milliseconds. */
const SELECTION_MS = 30_000;

export function createOperator(options: OperatorOptions): Operator {
  const { board, link, log, permission, people, labels, abilities, now, way } = options;
  const orders = createOrders(options);
  let selection: { readonly nest: string; readonly at: number } | null = null;
  /** Until the next act: a label that is read again after one was meant to be. */
  let lastScan: { readonly serial: string; readonly at: number } | null = null;

  const selfStart = createSelfStart({
    nests: () => board.nests(),
    // Whoever has to log in first does that first.
    mayStart: () => !people.needsBadge && options.isUpdating?.() !== true,
    start: (nest) => orders.place(nest),
  });

  const kept = createKeptScan({
    nests: () => board.nests(),
    assign,
    refuse: refuseScan,
    notify: (message) => board.notify(message),
    keptMs: options.scanKeptMs,
  });

  const selected = (): string | null =>
    selection !== null && now() - selection.at < SELECTION_MS ? selection.nest : null;

  /** The barcode of another nest still counts after an act at this one: the serial that comes next is meant for that other nest. */
  function endSelection(nest: string | undefined): void {
    if (nest === undefined || nest === selection?.nest) selection = null;
  }

  /** The server would refuse them as well. */
  function withhold(nests: readonly ReadyNest[]): void {
    const code = "operator.missing";
    for (const { name, serial } of nests) permission.withhold(name, serial, refusalFrom(code));
    board.notify({ key: "badge-refused", kind: "refused", code });
  }

  function start(only = selected() ?? undefined): void {
    lastScan = null;
    endSelection(only);
    const ready = board
      .nests()
      .filter((nest) => nest.state === "ready")
      .filter(({ name }) => only === undefined || name === only);
    if (ready.length === 0) {
      board.notify({ key: "nothing-to-start", kind: "refused", nest: only ?? null });
      return;
    }
    if (options.isUpdating?.() === true) {
      const refusal = refusalFrom("agent.updating");
      for (const { name, serial } of ready) permission.withhold(name, serial, refusal);
    } else if (people.needsBadge) withhold(ready);
    else for (const nest of ready) orders.place(nest);
  }

  const isAsked = (): boolean => options.decisions.view !== null || labels.asked !== null;

  function cancelDecision(): void {
    options.decisions.decide(null);
    labels.decide(null);
    board.notify({ key: "cancelled", kind: "info" });
  }

  function cancel(): void {
    const named = selected();
    selection = null;
    kept.forget();
    const concerned = board.nests().filter(({ name }) => named === null || name === named);
    for (const { name } of concerned) {
      options.cancelJob(name);
      board.dispatch(name, { event: "cancelled" });
    }
    board.notify({ key: "cancelled", kind: "info" });
  }

  function acknowledge(only = selected() ?? firstToAcknowledge(board.nests())?.name): void {
    lastScan = null;
    endSelection(only);
    if (only !== undefined && labels.acknowledge(only)) {
      board.notify({ key: "acknowledged", kind: "info", nest: only });
      return;
    }
    const before = only === undefined ? undefined : board.nest(only);
    if (before !== undefined) board.dispatch(before.name, { event: "acknowledged" });
    if (before === undefined || board.nest(before.name) === before) {
      board.notify({ key: "nothing-to-acknowledge", kind: "refused" });
    } else board.notify({ key: "acknowledged", kind: "info", nest: before.name });
  }

  function refuseScan(code: Code, scanned: string): void {
    log.info({ step: "scan", code, scanned: scanned.slice(0, 80) }, "refused");
    board.notify({ key: "scan-refused", kind: "refused", code, scanned });
  }

  function assign(nest: string, serial: string): void {
    selection = null;
    lastScan = { serial, at: now() };
    if (way === "start-when-plugged") selfStart.scanned(nest, serial);
    board.dispatch(nest, { event: "scanned", serial });
    board.notify({ key: "assigned", kind: "info", serial, nest });
    permission.ask(nest, serial);
  }

  /** The server knows the serials and patterns of all products, and may say of which one the label is. */
  async function sayProduct(serial: string, nest: string | undefined): Promise<void> {
    if (nest === undefined || !link.connected) return;
    const { count } = board.notice;
    try {
      const body = { serial, nest, abilities, ...namedOperator(people.worker) };
      const { body: answer } = await link.call("preflight", { body });
      // Only while nobody has scanned something else: that is what the notice is about then.
      if (answer.go || answer.code !== "preflight.wrong_product" || board.notice.count !== count)
        return;
      board.reword({ key: "scan-refused", kind: "refused", code: answer.code, scanned: serial });
    } catch (error) {
      log.debug(
        { err: error, step: "scan" },
        "the server does not say of which product a label is",
      );
    }
  }

  return {
    nextNest() {
      const label = selected() ?? labels.scanNest;
      return nextNest(board.nests(), label, way);
    },
    get kept() {
      return kept.view;
    },
    look() {
      kept.look();
      selfStart.look();
    },
    start,
    scan(text) {
      const decision = decideScan(text, {
        way,
        nests: board.nests(),
        selected: selected(),
        serialPattern: options.setup()?.workOrder?.serialPattern ?? null,
        badgePrefix: people.badgePrefix,
        isGolden: (serial) => options.golden?.isGolden(serial) === true,
        label: labels.takesScan(selected()),
        ownWords: options.decisions.view?.ownWords ?? false,
        lastScan,
        now: now(),
      });
      if (decision.kind !== "repeat") lastScan = null;
      switch (decision.kind) {
        case "start":
          return start();
        case "cancel":
          return isAsked() ? cancelDecision() : cancel();
        case "acknowledge":
          return acknowledge();
        case "badge":
          return people.show(text);
        case "log-out":
          return people.logOut();
        case "label":
          selection = null;
          lastScan = { serial: decision.serial, at: now() };
          return labels.scan(text);
        case "reprint":
          return labels.ask(selected());
        case "why-override":
          return options.decisions.view === null
            ? refuseScan("scan.command_unknown", text.trim())
            : options.decisions.decide(decision.answer);
        case "words":
          return options.decisions.say(decision.words);
        case "why-label":
          return labels.asked === null
            ? refuseScan("scan.command_unknown", text.trim())
            : labels.decide(decision.decision);
        case "foreign":
          refuseScan("scan.other_label", decision.serial);
          return void sayProduct(decision.serial, selected() ?? board.nests()[0]?.name);
        case "select":
          selection = { nest: decision.nest, at: now() };
          return board.notify({ key: "selected", kind: "info", nest: decision.nest });
        case "repeat":
          return board.notify({ key: "repeated", kind: "info", serial: decision.serial });
        case "refuse":
          // Whoever has another unit for the nest of a golden run goes first.
          if (NEEDS_NEST.has(decision.code)) options.golden?.cancel(selected() ?? undefined);
          return refuseScan(decision.code, decision.serial ?? text.trim());
        case "assign":
          return assign(decision.nest, decision.serial);
        case "keep":
          selection = null;
          return kept.keep(decision.serial, decision.nest);
      }
    },
    acknowledge,
    askForOrders: () => orders.askAgain(),
  };
}
