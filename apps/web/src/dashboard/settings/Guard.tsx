import { describeSpared, type PlantGuard, type PlantView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Act } from "../act/Act.tsx";
import { call } from "../api/client.ts";
import { queries } from "../api/queries.ts";

const sayGuard = ({ on, held, hosts, most }: PlantGuard): string =>
  on
    ? `The server quarantines hosts by itself: it holds ${held} of ${hosts}, ${most} at most.`
    : "The server proposes quarantines; people set them.";

/** Whether the server quarantines the plant's hosts by itself, and which it left alone. */
export function Guard({ plant }: { readonly plant: PlantView }) {
  const { data } = useQuery(queries.plantGuard(plant.id));
  if (data === undefined) return null;
  return (
    <div className="guard">
      <p>
        {sayGuard(data)} <SwitchGuard plant={plant} guard={data} />
      </p>
      {data.spared.map(({ host, name, why }) => (
        <p key={host} className="hint">
          <Link to="/hosts/$id" params={{ id: host }}>
            {name}
          </Link>{" "}
          was left alone. {describeSpared(why)}
        </p>
      ))}
    </div>
  );
}

function SwitchGuard({
  plant,
  guard: { on, most },
}: {
  readonly plant: PlantView;
  readonly guard: PlantGuard;
}) {
  return (
    <Act
      label={on ? "Only propose" : "Let it"}
      title={on ? "Only propose quarantines?" : "Let the server quarantine hosts?"}
      needs="setPlantGuard"
      verb={on ? "Only propose" : "Let it"}
      initial={{ reason: "" }}
      run={({ reason }) =>
        call("setPlantGuard", { params: { id: plant.id }, body: { on: !on, reason } })
      }
      affects={["plants"]}
      done={() =>
        on
          ? `The server only proposes quarantines in ${plant.name}. What it holds stays held.`
          : `The server quarantines hosts in ${plant.name} by itself.`
      }
    >
      {() => (
        <p>
          {on
            ? "What it holds stays held until somebody lifts it."
            : `A host whose verdict proposes a quarantine is held within seconds: units in work finish, and no other one starts there. It never takes the last healthy host of a line, and holds ${most} of the plant's hosts at most.`}
        </p>
      )}
    </Act>
  );
}
