import { z } from "zod";
import { Id } from "./common.ts";
import { Reason } from "./holds.ts";

const count = z.number().int();

/** Why the guard leaves a host alone that the verdict would quarantine: nobody healthy would be left on its line, or too many hosts look bad. */
export const SPARED_FOR = ["last-of-line", "too-many"] as const;
/** One of {@link SPARED_FOR}. */
export type SparedFor = (typeof SPARED_FOR)[number];

/** Whether the server quarantines hosts of a plant by itself, and how far it has gone. */
export const PlantGuard = z.object({
  plant: z.string(),
  on: z.boolean(),
  /** Hosts that had a unit in the last fourteen days, those of them that the guard holds, and the most that it may hold: a third. */
  hosts: count,
  held: count,
  most: count,
  /** Hosts that it left alone, the latest first. */
  spared: z.array(
    z.object({ host: Id, name: z.string(), why: z.enum(SPARED_FOR), at: z.string() }),
  ),
});
export type PlantGuard = z.infer<typeof PlantGuard>;

/** Switches the guard of a plant. What it holds stays held. */
export const PlantGuardRequest = z.object({ on: z.boolean(), reason: Reason });

/** Why a host was spared, and what a person should look at, in English. */
export function describeSpared(why: SparedFor): string {
  return why === "last-of-line"
    ? "No healthy host would be left on its line: a person decides."
    : "More than a third of the plant's hosts look bad: look at the release and the boards first, and pause the release.";
}
