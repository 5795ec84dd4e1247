import {
  type OrderAtStation,
  RefusedError,
  StationLeaves,
  USUAL_PRIORITY,
  type WorkOrderDetail,
} from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { z } from "zod";
import { counted } from "../../shared/format.ts";
import { Icon } from "../../shared/icons.tsx";
import { Act } from "../act/Act.tsx";
import { CheckField, ChoiceField, ManyField, NumberField } from "../act/fields.tsx";
import type { FormState } from "../act/form.ts";
import { given } from "../act/typed.ts";
import { call } from "../api/client.ts";
import { queries } from "../api/queries.ts";

const AFFECTED = ["work-orders", "stations"];

interface Setting {
  stations: readonly string[];
  priority: number | null;
  from: string;
  confirm: boolean;
  reason: string;
  /** The refusal that something was changed after: what it told is not what would follow now. */
  outdated: unknown;
}

const setStations = (
  order: WorkOrderDetail,
  { stations, priority, from, confirm, reason }: Setting,
) =>
  call("setOrderStations", {
    params: { id: order.id },
    body: {
      stations: [...stations],
      confirm,
      ...(priority === null ? {} : { priority }),
      ...(from === "" ? {} : { from }),
      ...(given(reason) === undefined ? {} : { reason: given(reason) }),
    },
  });

/** Who changes what is asked for has not consented to what follows from that. */
const withConsent = (form: FormState<Setting>, refusal: unknown): FormState<Setting> => ({
  ...form,
  set: (name, value) => {
    form.set(name, value);
    if (name === "confirm" || name === "reason") return;
    form.set("confirm", false);
    form.set("outdated", refusal);
    // Other stations need not have the order that was to be left.
    if (name === "stations") form.set("from", "");
  },
});

/** Puts the order into the queues of more stations, or moves them to it. */
export function SetStations({ order }: { readonly order: WorkOrderDetail }) {
  const stations = useQuery(queries.stations());
  const all = stations.data ?? [];
  const initial: Setting = {
    stations: [],
    priority: USUAL_PRIORITY,
    from: "",
    confirm: false,
    reason: "",
    outdated: null,
  };
  return (
    <Act
      label="Put at stations"
      title={`Put ${order.number} at stations`}
      needs="setOrderStations"
      verb="Put it there"
      initial={initial}
      isReasonOptional
      ready={(values) => values.stations.length > 0}
      run={(values) => setStations(order, values)}
      affects={AFFECTED}
      done={(_, values) => `${order.number} is in the queue of ${values.stations.join(", ")}.`}
    >
      {(asked, error) => {
        const form = withConsent(asked, error);
        const held = new Set(
          all
            .filter(({ name }) => form.values.stations.includes(name))
            .flatMap(({ workOrders }) => workOrders.map(({ number }) => number)),
        );
        held.delete(order.number);
        return (
          <>
            <ManyField
              form={form}
              name="stations"
              label="Stations"
              required
              choices={all.map(({ name }) => name)}
            />
            <NumberField
              form={form}
              name="priority"
              label="Priority"
              hint="The lowest comes first; 100 is usual"
              least={0}
              most={1000}
            />
            <ChoiceField
              form={form}
              name="from"
              label="They leave another order for it"
              choices={[
                ["", "No: they keep all that they have"],
                ...[...held].map((number) => [number, `They leave ${number}`] as const),
              ]}
            />
            <Confirm form={form} error={error} />
          </>
        );
      }}
    </Act>
  );
}

/** What stations would stop working on, once the server has said so; nobody is moved by accident. */
function Confirm({ form, error }: { readonly form: FormState<Setting>; readonly error: unknown }) {
  if (!(error instanceof RefusedError) || error.refusal.code !== "order.unconfirmed") return null;
  if (form.values.outdated === error) return null;
  const leaves = z.array(StationLeaves).safeParse(error.refusal.details);
  return (
    <>
      <ul className="effects">
        {(leaves.data ?? []).map(({ station, order, inWork, stays }) => (
          <li key={`${station} ${order}`}>
            {station} stops working on <b>{order}</b>
            {stays ? ", which stays behind this one" : ""}
            {inWork > 0 ? `; ${counted(inWork, "unit")} in work there come to their end` : ""}.
          </li>
        ))}
      </ul>
      <CheckField form={form} name="confirm" label="Yes, they stop working on it" />
    </>
  );
}

/** Another place in one station's queue. */
export function SetPriority({
  order,
  at,
}: {
  readonly order: WorkOrderDetail;
  readonly at: OrderAtStation;
}) {
  const initial: Setting = {
    stations: [at.station],
    priority: at.priority,
    from: "",
    confirm: false,
    reason: "",
    outdated: null,
  };
  return (
    <Act
      label="Priority"
      title={`${order.number} at ${at.station}`}
      needs="setOrderStations"
      verb="Set the priority"
      initial={initial}
      isReasonOptional
      ready={({ priority }) => priority !== null}
      run={(values) => setStations(order, values)}
      affects={AFFECTED}
      done={(_, { priority }) => `${order.number} has priority ${priority} at ${at.station}.`}
    >
      {(form, error) => (
        <>
          <NumberField
            form={withConsent(form, error)}
            name="priority"
            label="Priority"
            hint="The lowest comes first; of equal ones what was set first"
            least={0}
            most={1000}
          />
          <Confirm form={form} error={error} />
        </>
      )}
    </Act>
  );
}

export function RemoveStation({
  order,
  at,
}: {
  readonly order: WorkOrderDetail;
  readonly at: OrderAtStation;
}) {
  return (
    <Act
      label="Take out"
      title={`Take ${order.number} out of the queue of ${at.station}?`}
      needs="removeOrderStation"
      verb="Take it out"
      initial={{ reason: "" }}
      isReasonOptional
      run={({ reason }) =>
        call("removeOrderStation", {
          params: { id: order.id, station: at.station },
          query: given(reason) === undefined ? {} : { reason: given(reason) },
        })
      }
      affects={AFFECTED}
      done={() => `${at.station} does not have ${order.number} any more.`}
    >
      {() => (
        <p>
          {at.inWork === 0 ? (
            "No unit of it is in work there."
          ) : (
            <>
              <Icon name="clock" size={15} /> {counted(at.inWork, "unit")} in work there come to
              their end.
            </>
          )}
        </p>
      )}
    </Act>
  );
}
