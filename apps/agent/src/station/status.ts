import type { StationStatus } from "@flashline/contract";
import type { Nest } from "../nests/nest.ts";

/** The nests as the server's live view shows them. */
export function stationStatus(nests: readonly Nest[], queuedResults: number): StationStatus {
  return {
    queuedResults,
    nests: nests.map(({ name, state, serial, progress, refusal }) => ({
      name,
      state,
      serial,
      phase: progress?.phase ?? null,
      fraction: progress === null ? null : Math.min(1, Math.max(0, progress.fraction)),
      code: refusal?.code ?? null,
    })),
  };
}
