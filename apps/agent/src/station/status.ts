import type { NestState, StationStatus } from "@flashline/contract";
import { type Nest, serialOf, shownRefusal } from "../nests/nest.ts";

/** The state that the server knows. A scan that is being checked shows as the unit that waits. */
const nestStateOf = ({ state }: Nest): NestState => (state === "checking" ? "present" : state);

/** The nests as the server's live view shows them. */
export function stationStatus(
  nests: readonly Nest[],
  queuedResults: number,
  hardware: readonly string[],
): StationStatus {
  return {
    queuedResults,
    hardware: [...hardware],
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
