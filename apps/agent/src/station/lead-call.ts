import type { CallView, LeadCall } from "@flashline/contract";
import type { Logger } from "pino";
import { type Nest, serialOf, shownRefusal } from "../nests/nest.ts";
import type { ServerLink } from "../server/link.ts";
import { refusalOf } from "../server/refusal.ts";

/** The operator's call for the lead. It is the server's: what this station shows of it is what the server has said. */
export interface LeadCalls {
  /** Null: nobody is called. */
  readonly view: CallView | null;
  /** Calls the lead for the station. Returns at once. While a call is open the same again changes nothing. */
  call(): void;
  /** The lead is there, or is not needed any more. Returns at once. */
  end(): void;
  /**
   * The server is asked now for the station's open calls. What comes back takes them: its answer may be of before a call that was made, or ended, while it was
   * under way.
   */
  asking(): (calls: readonly LeadCall[]) => void;
  close(): void;
}

export interface LeadCallsOptions {
  readonly link: ServerLink;
  readonly log: Logger;
  readonly nests: () => readonly Nest[];
  /** The view has changed. */
  readonly onChange: () => void;
}

/** After this long without an answer the operator is told to shout, milliseconds. */
const ANSWER_MS = 4_000;
/** How long the page says that a call was not sent, milliseconds. */
const NOT_SENT_MS = 60_000;
const NOTE_LENGTH = 200;

export function createLeadCalls({ link, log, nests, onChange }: LeadCallsOptions): LeadCalls {
  let open: readonly LeadCall[] = [];
  let sending: "calling" | "not-sent" | null = null;
  /** When a call was seen first, by this PC's clock: the server's may differ. */
  const since = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  /** Answers to calls and to ends so far, and which of them was each call's last one. */
  let answers = 0;
  const lastOf = new Map<string, number>();
  const answered = ({ id }: LeadCall): void => {
    answers += 1;
    lastOf.set(id, answers);
  };

  const sinceOf = ({ id, calledAt }: LeadCall): number => since.get(id) ?? Date.parse(calledAt);
  const dueAt = (call: LeadCall): number => sinceOf(call) + call.answerS * 1000;
  /** A server that went away with the call cannot say that nobody came. */
  const isOverdue = (call: LeadCall): boolean =>
    call.takenBy === null && (call.overdue || (call.answerS > 0 && Date.now() >= dueAt(call)));

  /** Shows the change, and the next one that only time makes. */
  function changed(): void {
    clearTimeout(timer);
    const next = sending === "not-sent" ? NOT_SENT_MS : untilOverdue();
    if (next !== undefined) timer = setTimeout(later, next);
    timer?.unref();
    onChange();
  }
  function untilOverdue(): number | undefined {
    const waiting = open.filter((call) => call.takenBy === null && !isOverdue(call));
    const due = waiting.filter(({ answerS }) => answerS > 0).map(dueAt);
    return due.length === 0 ? undefined : Math.max(1, Math.min(...due) - Date.now());
  }
  function later(): void {
    if (sending === "not-sent") sending = null;
    changed();
  }

  async function send(): Promise<void> {
    sending = "calling";
    changed();
    try {
      const body = { note: noteOf(nests()) };
      const { body: call } = await link.call("callLead", { body }, { timeoutMs: ANSWER_MS });
      answered(call);
      if (!since.has(call.id)) since.set(call.id, Date.now());
      open = [...open.filter(({ id }) => id !== call.id), call];
      sending = null;
      log.warn({ step: "andon", call: call.id }, "the operator calls the lead");
    } catch (error) {
      sending = "not-sent";
      const { code } = refusalOf(error);
      log.warn({ step: "andon", code }, "the operator calls the lead, and the call is not sent");
    }
    changed();
  }

  async function end(call: LeadCall): Promise<void> {
    try {
      await link.call("endCall", { params: { id: call.id } }, { timeoutMs: ANSWER_MS });
      answered(call);
      open = open.filter(({ id }) => id !== call.id);
      changed();
    } catch (error) {
      log.warn({ step: "andon", call: call.id, err: error }, "the call is not ended");
    }
  }

  return {
    get view(): CallView | null {
      if (sending !== null) return { state: sending };
      // One that nobody has taken says more than one that somebody has.
      const shown = open.find(({ takenBy }) => takenBy === null) ?? open.at(-1);
      if (shown === undefined) return null;
      const at = new Date(sinceOf(shown)).toISOString();
      return shown.takenBy === null
        ? { state: "called", at, overdue: isOverdue(shown) }
        : { state: "taken", at, by: shown.takenBy };
    },
    call() {
      if (sending !== "calling") void send();
    },
    end() {
      for (const call of open) void end(call);
    },
    asking() {
      const before = answers;
      const isNewer = ({ id }: Pick<LeadCall, "id">): boolean => (lastOf.get(id) ?? 0) > before;
      return (calls) => {
        open = [...calls.filter((call) => !isNewer(call)), ...open.filter(isNewer)];
        for (const known of [since, lastOf]) {
          for (const id of [...known.keys()]) {
            if (!open.some((call) => call.id === id) && !isNewer({ id })) known.delete(id);
          }
        }
        changed();
      };
    },
    close: () => clearTimeout(timer),
  };
}

/** What the lead finds, in a line. */
function noteOf(nests: readonly Nest[]): string | undefined {
  const told = nests.flatMap((nest) => {
    if (nest.state !== "fail" && nest.state !== "refused") return [];
    const words = [nest.state.toUpperCase(), shownRefusal(nest)?.code, serialOf(nest)];
    return [`nest ${nest.name} ${words.filter(Boolean).join(" ")}`];
  });
  return told.length === 0 ? undefined : told.join("; ").slice(0, NOTE_LENGTH);
}
