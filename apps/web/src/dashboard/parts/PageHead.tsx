import type { PlantView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { queries } from "../api/queries.ts";
import { clock, fullTime } from "./time.ts";

/** The plant's time zone, of plants in several zones UTC; the browser's until the server has told it. */
export function usePlantZone(): string | undefined {
  const { data } = useQuery({ ...queries.plants(), select: zoneOf });
  return data;
}
const zoneOf = (plants: readonly PlantView[]): string => {
  const [zone, ...others] = new Set(plants.map(({ timeZone }) => timeZone));
  return zone === undefined || others.length > 0 ? "UTC" : zone;
};

interface Props {
  readonly title: string;
  /** When the server took the data, or the answer came; 0 or null while there is none. */
  readonly asOf?: string | number | null;
  readonly children?: React.ReactNode;
}

export function PageHead({ title, asOf, children }: Props) {
  const zone = usePlantZone();
  useEffect(() => {
    document.title = `${title} · Flashline`;
  }, [title]);
  const known = asOf !== undefined && asOf !== null && asOf !== 0;
  return (
    <header className="head">
      <h1>{title}</h1>
      {children}
      {known && (
        <span className="as-of">
          Data as of <span className="on-screen">{clock(asOf, zone)}</span>
          <span className="on-paper">{fullTime(asOf, zone)}</span>
          {zone !== undefined && (
            <span className="zone">, {zone === "UTC" ? zone : `plant time (${zone})`}</span>
          )}
        </span>
      )}
    </header>
  );
}
