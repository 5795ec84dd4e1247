import type { JobState, LiveEvent } from "@flashline/contract";
import { tellLive } from "../live/topics.ts";
import type { Bus } from "../queue/bus.ts";
import { type Queues, URGENT } from "../queue/queues.ts";
import { EVERY_STATION, stationTopic } from "../stations/topics.ts";

/** What the services tell others after a commit. Losing one costs a poll, never a job. */
export interface Signals {
  /** The outbox has something that a station waits for. */
  announced(): void;
  /** It has something that may wait a moment. */
  announcedLater(): void;
  /** A station's waiting acquire should look again. */
  wake(stationId: string): void;
  /** Ends every older waiting acquire of the station, on whichever replica. */
  supersedeAcquire(stationId: string, token: string): void;
  onStation(stationId: string, listener: (message: StationSignal) => void): () => void;
  job(jobId: string, state: JobState): void;
  /** A job was cancelled before its station had it: the station asks what became of its order. */
  calledOff(jobId: string, stationId: string): void;
  live(event: LiveEvent): void;
}

export type StationSignal =
  | { readonly kind: "wake" }
  /** What the station is or works on changed, or one of its orders was called off. */
  | { readonly kind: "setup" }
  | { readonly kind: "acquire"; readonly token: string };

function isSignal(message: unknown): message is StationSignal {
  return typeof message === "object" && message !== null && "kind" in message;
}

export function signalsOn(bus: Bus, queues: Pick<Queues, "dispatch" | "dispatchLater">): Signals {
  const tell = (stationId: string, signal: StationSignal) =>
    bus.publish(stationTopic(stationId), signal);
  return {
    announced: () => void queues.dispatch(URGENT),
    announcedLater: () => queues.dispatchLater(),
    wake: (stationId) => tell(stationId, { kind: "wake" }),
    supersedeAcquire: (stationId, token) => tell(stationId, { kind: "acquire", token }),
    onStation(stationId, listener) {
      const hear = (message: unknown): void => {
        if (isSignal(message)) listener(message);
      };
      const stops = [stationTopic(stationId), EVERY_STATION].map((topic) =>
        bus.subscribe(topic, hear),
      );
      return () => {
        for (const stop of stops) stop();
      };
    },
    job: (jobId, state) => tellLive(bus, { type: "job", jobId, state }),
    calledOff(jobId, stationId) {
      tellLive(bus, { type: "job", jobId, state: "CANCELLED" });
      tell(stationId, { kind: "setup" });
    },
    live: (event) => tellLive(bus, event),
  };
}
