import { called, type LineView, type PlantView, type Retirement } from "@flashline/contract";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Act } from "../act/Act.tsx";
import { TextField } from "../act/fields.tsx";
import { call } from "../api/client.ts";
import { manage } from "../api/manage.ts";
import { Answered } from "../parts/states.tsx";

const AFFECTED = ["plants", "lines", "stations", "yield", "pace", "plans", "retirement"];

interface PlaceProps {
  readonly what: "plant" | "line";
  readonly place: PlantView | LineView;
}

const change = (
  { what, place: { id } }: PlaceProps,
  body: { readonly name?: string; readonly retired?: boolean; readonly reason: string },
) =>
  what === "plant"
    ? call("changePlant", { params: { id }, body })
    : call("changeLine", { params: { id }, body });

/** Another name; what was made there goes with it. */
export function RenamePlace({ what, place }: PlaceProps) {
  return (
    <Act
      label="Rename"
      title={`Another name for ${called(what, place.name)}`}
      needs={what === "plant" ? "changePlant" : "changeLine"}
      verb="Rename it"
      initial={{ name: place.name, reason: "" }}
      ready={({ name }) => name.trim() !== "" && name.trim() !== place.name}
      run={({ name, reason }) => change({ what, place }, { name: name.trim(), reason })}
      affects={AFFECTED}
      done={(_, { name }) => `${place.name} is called ${name.trim()} now.`}
    >
      {(form) => (
        <>
          <TextField form={form} name="name" label="Name" required />
          <p className="hint">
            Links and scripts that name it need the new name. Its history goes with it.
          </p>
        </>
      )}
    </Act>
  );
}

/** Takes a plant or line out of use, or back; what stands in the way is said before. */
export function RetirePlace({ what, place }: PlaceProps) {
  const client = useQueryClient();
  const isRetired = place.retiredAt !== null;
  /** What the dialog itself has asked. */
  const isInUse = (): boolean =>
    (client.getQueryData(manage.retirement(what, place.id).queryKey)?.inTheWay.length ?? 0) > 0;
  return (
    <Act
      key={isRetired ? "back" : "retire"}
      label={isRetired ? "Take back" : "Retire"}
      title={isRetired ? `Use ${place.name} again?` : `Retire ${called(what, place.name)}?`}
      needs={what === "plant" ? "changePlant" : "changeLine"}
      weight={isRetired ? "plain" : "danger"}
      verb={isRetired ? "Take it back" : `Retire ${place.name}`}
      keep="Keep it"
      initial={{ reason: "" }}
      ready={() => isRetired || !isInUse()}
      run={({ reason }) => change({ what, place }, { retired: !isRetired, reason })}
      affects={AFFECTED}
      done={() =>
        isRetired
          ? `${place.name} is in use again.`
          : `${place.name} is retired. Its history stays.`
      }
    >
      {() =>
        isRetired ? (
          <p>It is offered again wherever a {what} is chosen.</p>
        ) : (
          <InTheWay what={what} place={place} />
        )
      }
    </Act>
  );
}

function InTheWay({ what, place }: PlaceProps) {
  const retirement = useQuery(manage.retirement(what, place.id));
  return (
    <Answered query={retirement} lines={2}>
      {({ inTheWay }: Retirement) =>
        inTheWay.length === 0 ? (
          <ul className="effects">
            <li>It is offered nowhere any more, and takes nothing new.</li>
            <li>What was made there stays counted, and is found by its name.</li>
          </ul>
        ) : (
          <>
            <p className="bad-text" role="alert">
              It cannot be retired yet:
            </p>
            <ul className="effects">
              {inTheWay.map(({ kind, name, why }) => (
                <li key={`${kind} ${name}`}>{why}</li>
              ))}
            </ul>
          </>
        )
      }
    </Answered>
  );
}
