import {
  type AgentAbility,
  type BadgeHolder,
  isOverridable,
  mayOverride,
  type NoticeMessage,
  OVERRIDE_REASONS,
  type OverrideAnswer,
  Reason,
  type StationPageView,
} from "@flashline/contract";
import type { Logger } from "pino";
import type { RefusedNest } from "../nests/nest.ts";
import { namedOperator, type Worker } from "../people/worker.ts";
import type { ServerLink } from "../server/link.ts";
import { mayBeRepeated, refusalOf } from "../server/refusal.ts";
import type { Board } from "./board.ts";

/** What a lead's badge decides about a refused unit. The server decides whether the badge may; this only asks why. */
export interface Decisions {
  /** Who is asked about which unit; null: nobody is. */
  readonly view: StationPageView["decision"];
  /**
   * Whether a badge that was read is about a refused unit: then its holder is asked why the unit may go on, and is not logged in. Shown
   * once more, the badge is one like any other.
   */
  takes(holder: BadgeHolder, content: string): boolean;
  /** Lets the unit through, or not (null); `other` waits for words. Returns at once; the answer shows at the nest. */
  decide(answer: OverrideAnswer | null): void;
  /** Lets the unit through for a reason in somebody's own words. */
  say(words: string): void;
}

export interface DecisionsOptions {
  readonly board: Board;
  readonly link: ServerLink;
  readonly log: Logger;
  /** What this station can do for a release. */
  readonly abilities: readonly AgentAbility[];
  readonly worker: () => Worker | null | undefined;
  readonly notify: (message: NoticeMessage) => void;
  /** The server is to be asked again whether the unit may start. */
  readonly askAgain: (nest: string, serial: string) => void;
  /** The view has changed. */
  readonly onChange: () => void;
}

/** How long somebody is asked, milliseconds. Their badge is forgotten then. */
const ASKED_MS = 30_000;
/** How long somebody may take to put it into words, milliseconds. */
const WORDS_MS = 120_000;
/** After this long without an answer the server is away, milliseconds. */
const ANSWER_MS = 4_000;

interface Open {
  readonly nest: RefusedNest;
  readonly holder: BadgeHolder;
  readonly content: string;
  readonly ownWords: boolean;
}

export function createDecisions(options: DecisionsOptions): Decisions {
  const { board, link, log, notify } = options;
  let open: Open | null = null;
  let timer: NodeJS.Timeout | undefined;

  function set(next: Open | null): void {
    clearTimeout(timer);
    open = next;
    if (next !== null) {
      timer = setTimeout(() => set(null), next.ownWords ? WORDS_MS : ASKED_MS);
      timer.unref();
    }
    options.onChange();
  }

  /** While the nest still shows the refusal that the holder was asked about. */
  function current(): Open | null {
    if (open === null) return null;
    const { name, serial, refusal } = open.nest;
    const now = board.nest(name);
    const same = now?.state === "refused" && now.serial === serial;
    return same && now.refusal.code === refusal.code ? open : null;
  }

  async function send({ nest, content }: Open, reason: string): Promise<void> {
    const { name, serial, refusal } = nest;
    if (!isOverridable(refusal.code)) return;
    const body = {
      serial,
      nest: name,
      abilities: options.abilities,
      code: refusal.code,
      badge: content,
      reason,
      ...namedOperator(options.worker()),
    };
    try {
      const answer = await link.call("overrideRefusal", { body }, { timeoutMs: ANSWER_MS });
      notify({ key: "let-through", kind: "info", name: answer.body.name, nest: name });
    } catch (error) {
      const code = mayBeRepeated(error) ? "server.unavailable" : refusalOf(error).code;
      log.info({ step: "override", nest: name, serial, code }, "not let through");
      notify({ key: "badge-refused", kind: "refused", code });
    }
    // Also when it was refused, or nobody knows: what is in the way by now is what the server says.
    options.askAgain(name, serial);
  }

  function ask(now: Open, reason: string): void {
    notify({ key: "badge-asked", kind: "info" });
    void send(now, reason);
  }

  return {
    get view() {
      const now = current();
      if (now === null) return null;
      const { name: nest, serial, refusal } = now.nest;
      return { nest, serial, code: refusal.code, name: now.holder.name, ownWords: now.ownWords };
    },
    takes(holder, content) {
      const again = current()?.holder.id === holder.id;
      const nest = board
        .nests()
        .filter((one): one is RefusedNest => one.state === "refused")
        .find(({ refusal: { code } }) => isOverridable(code) && mayOverride(holder.role, code));
      if (again || nest === undefined) {
        if (open !== null) set(null);
        return false;
      }
      set({ nest, holder, content, ownWords: false });
      return true;
    },
    decide(answer) {
      const now = current();
      if (answer === "other" && now !== null) return set({ ...now, ownWords: true });
      set(null);
      if (now !== null && answer !== null && answer !== "other") {
        ask(now, OVERRIDE_REASONS[answer]);
      }
    },
    say(words) {
      const now = current();
      if (now === null) return set(null);
      const { success, data: reason } = Reason.safeParse(words);
      if (!success) {
        return notify({
          key: "scan-refused",
          kind: "refused",
          code: "scan.no_reason",
          scanned: words,
        });
      }
      set(null);
      ask(now, reason);
    },
  };
}
