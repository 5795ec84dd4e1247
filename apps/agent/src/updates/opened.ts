import { access } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "@flashline/durable-files";
import { forgetFailedTrial, readCurrent, readFailedTrial } from "./current.ts";
import type { Launched } from "./launched.ts";
import { type Newest, noteHealthy, readNewest } from "./newest.ts";
import { readState, saveState, type UpdateState } from "./state.ts";
import { tidy } from "./tidy.ts";

/** The versions' folder of a PC whose agent was started by the package's launcher. */
export interface OpenedUpdates {
  readonly launched: Launched;
  /** This version runs for the first time, and has not shown yet that it is healthy. */
  readonly onTrial: boolean;
  readonly state: UpdateState | undefined;
  readonly newest: Newest;
  /** Resolves when it is on the disk. */
  keep(state: UpdateState): Promise<void>;
  /** What a restart may forget. */
  show(state: UpdateState): void;
  /** This version shows that it is healthy: its trial is over. */
  isHealthy(version: string): Promise<void>;
  /** A healthy version counts as the newest, where none was newer. */
  noteNewest(healthy: string): Promise<void>;
  /** Whether the version is unpacked. */
  has(name: string): Promise<boolean>;
  /** Versions that are not removed. */
  kept(): Promise<ReadonlySet<string>>;
}

/** Reads what the last life of the agent and the launcher left, and what became of an update meanwhile. `version` is what runs. */
export async function openUpdates(launched: Launched, version: string): Promise<OpenedUpdates> {
  const { versions, started } = launched;
  await makeFolder(versions);
  const current = await readCurrent(versions);
  let onTrial = current?.name === started && current.state === "trial";
  let state = await readState(versions);
  let newest = await readNewest(versions);
  const keep = async (next: UpdateState): Promise<void> => {
    state = next;
    await saveState(versions, next);
  };
  const over = (
    step: "done" | "failed",
    code: string | null,
    detail: string,
  ): UpdateState | undefined =>
    state && {
      ...state,
      progress: { ...state.progress, step, percent: null, nest: null, code, detail, runs: version },
    };

  const failed = await readFailedTrial(versions);
  if (failed !== undefined && !onTrial) {
    const next = over("failed", "update.did_not_start", failed.said);
    if (next !== undefined && state?.name === failed.name && state.progress.step !== "failed") {
      await keep(next);
    }
    await forgetFailedTrial(versions);
    // Pushed anew it is fetched anew: what lies here may be what was wrong with it.
    await tidy(versions, await kept(), undefined);
  } else if (state?.progress.step === "switching" && state.name === started && !onTrial) {
    // It had said that it is healthy, and died before it wrote down that the update is done.
    const next = over("done", null, "");
    if (next !== undefined) await keep(next);
  }

  async function kept(): Promise<ReadonlySet<string>> {
    const now = await readCurrent(versions);
    const names = [now?.name, now?.previous, started];
    const isOn = state !== undefined && !["done", "failed"].includes(state.progress.step);
    return new Set(
      [...names, isOn ? state?.name : undefined].filter(
        (name) => name !== undefined && name !== null,
      ),
    );
  }
  return {
    launched,
    get onTrial() {
      return onTrial;
    },
    get state() {
      return state;
    },
    get newest() {
      return newest;
    },
    keep,
    show(next) {
      state = next;
    },
    async isHealthy(healthy) {
      onTrial = false;
      const next = over("done", null, "");
      if (next !== undefined && state?.name === started) {
        await keep({ ...next, progress: { ...next.progress, runs: healthy } });
      }
    },
    async noteNewest(healthy) {
      newest = await noteHealthy(versions, healthy);
    },
    has: (name) =>
      access(join(versions, name, "app/main.mjs")).then(
        () => true,
        () => false,
      ),
    kept,
  };
}
