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
    let parcel: Parcel;
    try {
      parcel = Parcel.parse(JSON.parse(text));
    } catch (error) {
      trouble.line(error);
      return;
    }
    if (parcel.from !== node) deliver(parcel.topic, parcel.message);
  };
  const line = await openLine?.(receive, trouble.line);
  return {
    publish(topic, message) {
      deliver(topic, message);
      line
        ?.send(JSON.stringify({ from: node, topic, message } satisfies Parcel))
        .catch(trouble.line);
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
      await line?.close();
    },
  };
}
