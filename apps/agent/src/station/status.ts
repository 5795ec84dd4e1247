import type { StationStatus } from "@flashline/contract";
import { type Nest, serialOf, shownRefusal } from "../nests/nest.ts";
import { nestStateOf } from "./nest-state.ts";

/** The nests as the server's live view shows them. */
export function stationStatus(nests: readonly Nest[], queuedResults: number): StationStatus {
  return {
    queuedResults,
    nests: nests.map((nest) => {
      const progress = nest.state === "busy" ? nest.progress : null;
      return {
        name: nest.name,
        state: nestStateOf(nest),
        serial: serialOf(nest),
        phase: progress?.phase ?? null,
        fraction: progress === null ? null : Math.min(1, Math.max(0, progress.fraction)),
        code: shownRefusal(nest)?.code ?? null,
      };
    }),
  };
}
