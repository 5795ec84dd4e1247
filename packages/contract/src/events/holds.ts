import { z } from "zod";
import { SPARED_FOR } from "../guard.ts";
import type { EventKind, SubjectKind } from "./event.ts";

const kind = <S extends SubjectKind>(says: string, subject: S) =>
  ({
    says,
    subject,
    versions: [z.object({ hold: z.string(), origin: z.enum(["person", "guard"]) })],
  }) as const satisfies EventKind;

/** Holds; `data.hold` is the hold's id, and `reason` says why. Of a batch the subject's id is the product's. */
export const HOLD_EVENTS = {
  "plant.guarded": {
    says: "The server was allowed, or not any more, to quarantine hosts of a plant by itself (`before`, `after`).",
    subject: "plant",
    versions: [z.object({ on: z.boolean() })],
  },
  "host.spared": {
    says: "The verdict proposes a quarantine, and the guard did not set it: nobody healthy would be left on the line, or too many hosts look bad.",
    subject: "host",
    versions: [z.object({ why: z.enum(SPARED_FOR) })],
  },
  "host.quarantined": kind("No unit is started at this host any more.", "host"),
  "host.cleared": kind("A host's quarantine was lifted.", "host"),
  "nest.off": kind("A nest was taken out of use.", "nest"),
  "nest.on": kind("A nest is in use again.", "nest"),
  "station.paused": kind("A station takes no more units.", "station"),
  "station.resumed": kind("A station takes units again.", "station"),
  "line.paused": kind("A line's stations take no more units.", "line"),
  "line.resumed": kind("A line's stations take units again.", "line"),
  "unit.held": kind("A unit is not flashed until it is released.", "unit"),
  "unit.released": kind("A unit's hold was lifted.", "unit"),
  "batch.held": kind("Units of a product's batch are not flashed until it is released.", "batch"),
  "batch.released": kind("The hold on a batch was lifted.", "batch"),
} as const;
