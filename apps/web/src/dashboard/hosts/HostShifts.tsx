import type { HostView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { queries } from "../api/queries.ts";
import { ShiftGrid } from "../selection/ShiftGrid.tsx";

/** The way to the units that a host flashed in a shift; nothing where its plant has none. */
export function HostShifts({ host }: { readonly host: HostView }) {
  const { data: plants = [] } = useQuery(queries.plants());
  const { data: stations = [] } = useQuery(queries.stations());
  const plantName = stations.find(({ name }) => name === host.station)?.plant;
  const plant = plants.length === 1 ? plants[0] : plants.find(({ name }) => name === plantName);
  if (plant === undefined || plant.shifts.length === 0) return null;
  const ofPlant = plants.length === 1 ? {} : { plant: plant.name };
  return (
    <section className="card on-screen" aria-labelledby="by-shift">
      <h2 id="by-shift">Its units by shift</h2>
      <p className="hint">A shift counts to the day on which it begins.</p>
      <ShiftGrid shifts={plant.shifts} zone={plant.timeZone}>
        {({ day, name }, shift) => (
          <Link to="/units" search={{ host: host.id, day, shift, ...ofPlant }}>
            Units
            <span className="unseen">
              {" "}
              of {name}, {shift}
            </span>
          </Link>
        )}
      </ShiftGrid>
    </section>
  );
}
