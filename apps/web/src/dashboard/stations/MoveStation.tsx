import type { StationView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { counted } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import { ChoiceField } from "../act/fields.tsx";
import { call } from "../api/client.ts";
import { manage } from "../api/manage.ts";
import { Answered } from "../parts/states.tsx";

const AFFECTED = [
  ...["stations", "lines", "plants", "work-orders", "yield", "pace", "holds", "move"],
] as const;

/** Plant and line, as JSON. */
const placeOf = (to: string): { readonly plant: string; readonly line: string } => {
  const [plant = "", line = ""] = JSON.parse(to) as string[];
  return { plant, line };
};

/** Moves a station to another line; what that means stands in the dialog before. */
export function MoveStation({ station }: { readonly station: StationView }) {
  const { data: lines = [] } = useQuery(manage.lines());
  const others = lines
    .filter(({ name, plant }) => name !== station.line || plant !== station.plant)
    .map(({ plant, name }) => [JSON.stringify([plant, name]), `${plant} · ${name}`] as const);
  const [first] = others;
  if (first === undefined) return null;
  return (
    <Act
      label="Move"
      title={`Move ${station.name} to another line`}
      needs="moveStation"
      verb={({ to }) => `Move it to ${placeOf(to).line}`}
      initial={{ to: first[0], orders: "take-off", reason: "" }}
      run={({ to, orders, reason }) =>
        call("moveStation", {
          params: { id: station.name },
          body: { ...placeOf(to), orders: orders === "keep" ? "keep" : "take-off", reason },
        })
      }
      affects={AFFECTED}
      done={({ body }) => `${body.station} is in ${body.to.line} of ${body.to.plant} now.`}
    >
      {(form) => (
        <>
          <ChoiceField form={form} name="to" label="To" choices={others} />
          <ChoiceField
            form={form}
            name="orders"
            label="Its open orders"
            choices={[
              ["take-off", "Taken off: the new line has its own"],
              ["keep", "Kept: it goes on with them there"],
            ]}
          />
          <Effect station={station} to={form.values.to} keeps={form.values.orders === "keep"} />
        </>
      )}
    </Act>
  );
}

interface EffectProps {
  readonly station: StationView;
  readonly to: string;
  readonly keeps: boolean;
}

function Effect({ station, to, keeps }: EffectProps) {
  const preview = useQuery(manage.move(station.name, placeOf(to)));
  return (
    <Answered query={preview} lines={2}>
      {({ orders, hold, from, to: target }) => (
        <ul className="effects">
          {orders.map(({ number, product, inWork }) => (
            <li key={number}>
              {keeps ? "Keeps" : "Leaves"} <b>{number}</b> ({product})
              {inWork > 0 && `; ${counted(inWork, "unit")} in work there finish`}.
            </li>
          ))}
          {orders.length === 0 && <li>It holds no open order.</li>}
          {hold !== null && (
            <li className="bad-text">
              {target.line} is paused ({hold}): the station takes no units there.
            </li>
          )}
          {from.plant !== target.plant && (
            <li>
              The clock, the shifts and the badges of {target.plant} count for it from then on.
            </li>
          )}
          <li>What it made stays counted at {from.line}. Its nests and its PC stay as they are.</li>
        </ul>
      )}
    </Answered>
  );
}
