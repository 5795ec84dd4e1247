import {
  type BadgeHolder,
  FlashlineError,
  type NoticeMessage,
  type StationSetup,
} from "@flashline/contract";
import type { Logger } from "pino";
import type { ServerLink } from "../server/link.ts";
import { mayBeRepeated, refusalOf } from "../server/refusal.ts";
import type { BadgeList } from "./badge-list.ts";
import { shiftEndAfter } from "./shift-end.ts";
import type { Worker } from "./worker.ts";

/** Who works at the station. What is on a badge leaves this module towards the server alone. */
export interface People {
  /** Who is logged in; null: nobody. Undefined where the server takes no operator. */
  readonly worker: Worker | null | undefined;
  /** Nobody is logged in, and nobody starts a unit here without. */
  readonly needsBadge: boolean;
  /** What a badge begins with; null where the server takes no operator. */
  readonly badgePrefix: string | null;
  /** A badge was read. Returns at once. */
  show(text: string): void;
  logOut(): void;
  /** Somebody did something by hand. */
  acted(): void;
  /** Lets time pass. */
  tick(): void;
  /** Asks the server for its list of badges. Who is not in it any more is logged out. */
  refresh(signal: AbortSignal): Promise<void>;
}

export interface PeopleOptions {
  readonly badges: BadgeList;
  readonly link: ServerLink;
  readonly log: Logger;
  readonly setup: () => StationSetup | undefined;
  readonly notify: (message: NoticeMessage) => void;
  /** Whether the badge is about something else than who works here: see {@link Decisions.takes}. */
  readonly decides?: (holder: BadgeHolder, content: string) => boolean;
  /** Somebody else works here from now on, or nobody. */
  readonly onChange: () => void;
  /** Wall time, milliseconds. */
  readonly now?: () => number;
  /** Time that nobody sets, milliseconds. */
  readonly uptime?: () => number;
}

/** After this long without an answer the kept list decides, milliseconds. */
const ANSWER_MS = 4_000;
const MINUTE_MS = 60_000;
/** Shorter ones, and longer ones, are nobody's (contract). */
const LEAST_CONTENT = 4;
const MOST_CONTENT = 200;

/** `at` is wall time, the rest of it `uptime`. */
interface LoggedIn {
  readonly person: Worker;
  readonly at: number;
  readonly actedAt: number;
}

export function createPeople(options: PeopleOptions): People {
  const { badges, link, log, notify, onChange } = options;
  const now = options.now ?? Date.now;
  const decides = options.decides ?? (() => false);
  const uptime = options.uptime ?? (() => performance.now());
  let current: LoggedIn | null = null;
  /** Counts badges, so that the answer about one does not count after the next one. */
  let shown = 0;
  let shiftEnd: { readonly of: LoggedIn["at"]; readonly by: unknown; readonly at: number | null };
  shiftEnd = { of: 0, by: undefined, at: null };

  const rules = () => options.setup()?.operators;

  /** With the prefix, as a reader at the desk reads it that types it too, and without. */
  function contentsOf(text: string): readonly string[] {
    const whole = text.trim();
    const rest = whole.slice(rules()?.badgePrefix.length ?? 0).trim();
    return [whole, rest].filter(
      (content) => content.length >= LEAST_CONTENT && content.length <= MOST_CONTENT,
    );
  }

  function logIn({ id, name }: Worker): void {
    const person = { id, name };
    const isNew = current?.person.id !== id;
    current = { person, at: now(), actedAt: uptime() };
    log.info({ step: "badge", operator: person.id }, "logged in");
    notify({ key: "logged-in", kind: "info", name: person.name });
    if (isNew) onChange();
  }

  function leave(why: Extract<NoticeMessage, { key: "logged-out" }>["why"]): void {
    if (current === null) return;
    const { id, name } = current.person;
    current = null;
    log.info({ step: "badge", operator: id, why }, "logged out");
    notify({ key: "logged-out", kind: "info", name, why });
    onChange();
  }

  function refuse(code: string): void {
    log.info({ step: "badge", code }, "badge refused");
    notify({ key: "badge-refused", kind: "refused", code });
  }

  /** Whose badge the server says it is: it knows also one that was given a moment ago. */
  async function asked(
    contents: readonly string[],
  ): Promise<{ readonly holder: BadgeHolder; readonly content: string }> {
    let unknown: unknown = new FlashlineError("badge.unknown");
    for (const content of contents) {
      try {
        const call = link.call("presentBadge", { body: { content } }, { timeoutMs: ANSWER_MS });
        return { holder: (await call).body, content };
      } catch (error) {
        if (refusalOf(error).code !== "badge.unknown") throw error;
        unknown = error;
      }
    }
    throw unknown;
  }

  async function askWhose(contents: readonly string[], otherwise: string): Promise<void> {
    const turn = shown;
    try {
      const { holder, content } = await asked(contents);
      if (turn === shown && !decides(holder, content)) logIn(holder);
    } catch (error) {
      if (turn === shown) refuse(mayBeRepeated(error) ? otherwise : refusalOf(error).code);
    }
  }

  /** The kept list let them in at once. The server hears of it, and may know better. */
  async function confirm(person: Worker, contents: readonly string[]): Promise<void> {
    try {
      const { holder } = await asked(contents);
      if (holder.id !== person.id && current?.person.id === person.id) logIn(holder);
    } catch (error) {
      if (mayBeRepeated(error) || current?.person.id !== person.id) return;
      leave("ended");
      refuse(refusalOf(error).code);
    }
  }

  /** When the shift of who is logged in ends; worked out again when the plant's shifts are others. */
  function endOfShift({ at }: LoggedIn): number | null {
    const setup = options.setup();
    if (setup?.operators === undefined || !setup.operators.shiftEnd) return null;
    if (shiftEnd.of !== at || shiftEnd.by !== setup) {
      const end = shiftEndAfter(at, setup.operators.shifts, setup.timeZone);
      shiftEnd = { of: at, by: setup, at: end };
    }
    return shiftEnd.at;
  }

  const needsBadge = (): boolean => current === null && rules()?.required === true;

  return {
    get worker() {
      return rules() === undefined ? undefined : (current?.person ?? null);
    },
    get needsBadge() {
      return needsBadge();
    },
    get badgePrefix() {
      return rules()?.badgePrefix ?? null;
    },
    show(text) {
      shown += 1;
      const contents = contentsOf(text);
      if (contents.length === 0) return refuse("badge.unknown");
      const known = badges.find(contents);
      if (known.kind === "person") {
        if (decides(known.person, known.content)) return;
        logIn(known.person);
        void confirm(known.person, contents);
        return;
      }
      const otherwise =
        known.kind === "lost"
          ? "badge.lost"
          : known.kind === "unknown"
            ? "badge.unknown"
            : "badge.unchecked";
      if (!link.connected) return refuse(otherwise);
      notify({ key: "badge-asked", kind: "info" });
      void askWhose(contents, otherwise);
    },
    logOut() {
      if (current === null) notify({ key: "nobody-logged-in", kind: "refused" });
      else leave("asked");
    },
    acted() {
      if (current !== null) current = { ...current, actedAt: uptime() };
    },
    tick() {
      const idleMs = (rules()?.idleMinutes ?? 0) * MINUTE_MS;
      if (current === null) return;
      if (rules() === undefined) return leave("ended");
      const end = endOfShift(current);
      if (end !== null && now() >= end) return leave("shift");
      if (idleMs > 0 && uptime() - current.actedAt >= idleMs) leave("idle");
    },
    async refresh(signal) {
      if (rules() === undefined) return;
      try {
        await badges.refresh(link, signal);
      } catch (error) {
        if (!signal.aborted) log.debug({ err: error, step: "badges" }, "badges were not told");
        return;
      }
      if (current === null) return;
      const name = badges.people()?.get(current.person.id);
      if (name === undefined) leave("ended");
      else current = { ...current, person: { ...current.person, name } };
    },
  };
}
