import { useMemo } from "react";
import { usePlantZone } from "../parts/PageHead.tsx";
import type { LongColumn } from "./column.ts";

/** Columns whose times are told by the plant's clock, made anew only where that changes. */
export function useColumns<R>(of: (zone: string | undefined) => readonly LongColumn<R>[]) {
  const zone = usePlantZone();
  return useMemo(() => of(zone), [of, zone]);
}
