import { z } from "zod";

/** What replicas tell each other. Topics are free names; a message is JSON. */
export interface Bus {
  /**
   * Delivers to this process at once and to other replicas as soon as the backend takes it. At most once: a lost message
   * costs a poll, never a result. Never rejects.
   */
  publish(topic: string, message: unknown): void;
  /** Returns what ends the subscription. A listener's errors are logged, not passed on. */
  subscribe(topic: string, listener: (message: unknown) => void): () => void;
  close(): Promise<void>;
}

/** A line between processes. */
export interface BusLine {
  send(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens a line; `receive` gets every text that any replica sent, also this one. */
export type OpenLine = (
  receive: (text: string) => void,
  onError: (error: unknown) => void,
) => Promise<BusLine>;

export interface BusTrouble {
  /** A listener's own error. */
  listener(error: unknown): void;
  /** The line's, which mends itself, or a text on it that is no message. */
  line(error: unknown): void;
}

const Parcel = z.object({ from: z.string(), topic: z.string(), message: z.unknown() });
type Parcel = z.infer<typeof Parcel>;

const Letter = z.union([z.array(Parcel), Parcel.transform((parcel) => [parcel])]);

/** What is published within this time of the last letter goes into the next one, milliseconds: a letter costs as much as a parcel. */
const LETTER_MS = 10;
/** A slow line gathers longer, twice as long as its last letter took, but never longer than this, milliseconds. */
const LONGEST_MS = 100;

/** A bus for one process on its own; with `openLine`, for all that share the line. */
export async function openBus(
  node: string,
  trouble: BusTrouble,
  openLine?: OpenLine,
): Promise<Bus> {
  const listeners = new Map<string, Set<(message: unknown) => void>>();
  const deliver = (topic: string, message: unknown) => {
    for (const listener of [...(listeners.get(topic) ?? [])]) {
      try {
        listener(message);
      } catch (error) {
        trouble.listener(error);
      }
    }
  };
  const receive = (text: string) => {
    let parcels: readonly Parcel[];
    try {
      parcels = Letter.parse(JSON.parse(text));
    } catch (error) {
      trouble.line(error);
      return;
    }
    for (const parcel of parcels) {
      if (parcel.from !== node) deliver(parcel.topic, parcel.message);
    }
  };
  const line = await openLine?.(receive, trouble.line);
  let waiting: Parcel[] = [];
  let tookMs = 0;
  let rest: NodeJS.Timeout | undefined;
  const sendLetter = () => {
    rest = undefined;
    if (waiting.length === 0) return;
    const letter = waiting.length === 1 ? waiting[0] : waiting;
    waiting = [];
    rest = setTimeout(sendLetter, Math.min(LONGEST_MS, Math.max(LETTER_MS, 2 * tookMs)));
    const began = performance.now();
    line
      ?.send(JSON.stringify(letter))
      .then(() => {
        tookMs = performance.now() - began;
      })
      .catch(trouble.line);
  };
  return {
    publish(topic, message) {
      deliver(topic, message);
      if (line === undefined) return;
      waiting.push({ from: node, topic, message });
      // After the turn of the event loop that publishes: one deed often has several messages.
      rest ??= setTimeout(sendLetter, 0);
    },
    subscribe(topic, listener) {
      const set = listeners.get(topic) ?? new Set();
      listeners.set(topic, set);
      set.add(listener);
      return () => {
        set.delete(listener);
        if (set.size === 0 && listeners.get(topic) === set) listeners.delete(topic);
      };
    },
    async close() {
      listeners.clear();
      clearTimeout(rest);
      sendLetter();
      clearTimeout(rest);
      await line?.close();
    },
  };
}
