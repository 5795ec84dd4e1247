import { z } from "zod";
import type { EventKind } from "./event.ts";

const Published = z.object({
  version: z.string(),
  platform: z.string(),
  sha256: z.string(),
  keyId: z.string(),
});
const Published2 = Published.extend({ downgradeFrom: z.string().nullable() });
const Push = z.object({ version: z.string() });
const Station = z.object({ push: z.string(), version: z.string(), from: z.string() });

/** Updates of the agents; the subject of a push is the push. */
export const UPDATE_EVENTS = {
  "update.published": {
    says: "An update of the agent was published. Stations take it when it is pushed to them.",
    subject: "update",
    versions: [Published, Published2],
  },
  "update.withdrawn": {
    says: "An update of the agent was withdrawn; nobody is sent it any more.",
    subject: "update",
    versions: [Push],
  },
  "update.pushed": {
    says: "An update was pushed to stations (`stations`), one first, then line by line. `downgrade`: it is older than what runs there.",
    subject: "update",
    versions: [Push.extend({ stations: z.array(z.string()), downgrade: z.boolean() })],
  },
  "update.paused": {
    says: "A push was paused: no more stations are told.",
    subject: "update",
    versions: [Push],
  },
  "update.stopped": {
    says: "The server stopped a push, because the update failed at a station.",
    subject: "update",
    versions: [Push.extend({ station: z.string() })],
  },
  "update.resumed": {
    says: "A push goes on that was paused, or that had stopped.",
    subject: "update",
    versions: [Push],
  },
  "update.ended": {
    says: "A push was called off. Stations that have switched keep what they run.",
    subject: "update",
    versions: [Push],
  },
  "update.done": {
    says: "A push has come to its end: no station is left.",
    subject: "update",
    versions: [Push],
  },
  "station.updated": {
    says: "A station's agent runs the version that was pushed to it, and is healthy.",
    subject: "station",
    versions: [Station],
  },
  "station.update-failed": {
    says: "A station did not take an update, or went back to the version before it (`code`); `runs` is the version that runs.",
    subject: "station",
    versions: [Station.extend({ code: z.string(), runs: z.string(), detail: z.string() })],
  },
} as const satisfies Record<string, EventKind>;
