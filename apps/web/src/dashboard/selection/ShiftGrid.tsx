import "../styles/selection.css";
import type { PlantView } from "@flashline/contract";
import type { ReactNode } from "react";
import { lastDays, type PlantDay } from "./zone.ts";

interface Props {
  readonly shifts: PlantView["shifts"];
  readonly zone: string;
  /** What stands for the shift that began on a day. */
  readonly children: (day: PlantDay, shift: string) => ReactNode;
}

/** A week back, so that each day of the week has a shift that is over. */
const DAYS = 8;

/** The shifts of the last eight days, the latest day first, by the clock of the plant. */
export function ShiftGrid({ shifts, zone, children }: Props) {
  return (
    <table className="shift-grid">
      <thead>
        <tr>
          <td />
          {shifts.map(({ name, start, end }) => (
            <th key={name} scope="col" title={`${start} to ${end}`}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {lastDays(DAYS, zone).map((day) => (
          <tr key={day.day}>
            <th scope="row">{day.name}</th>
            {shifts.map(({ name, start }) => (
              <td key={name}>{day.begins(start) ? children(day, name) : <span>–</span>}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
