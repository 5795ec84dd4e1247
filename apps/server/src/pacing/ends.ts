import { trialSaves } from "@flashline/contract";
import type { Sql } from "../db/sql.ts";
import type { TrialEnd } from "../verdict/index.ts";
import { allTrials } from "./trial.repository.ts";

/** Which of several trials of one controller model, with other hubs or chips, is told: one that won, else one that runs. */
const FIRST = ["gentle", "running", "standard"] as const;

/** How trials of gentler pacing ended, by controller model. */
export async function trialEnds(sql: Sql): Promise<ReadonlyMap<string, TrialEnd>> {
  const trials = await allTrials(sql);
  const ordered = trials.toSorted((a, b) => FIRST.indexOf(b.state) - FIRST.indexOf(a.state));
  return new Map(
    ordered.map(({ controller, state, figures }) => [
      controller,
      { state, saves: trialSaves(figures) },
    ]),
  );
}
