import type { WorkOrderDetail } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { count, counted } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import { ManyField, NumberField } from "../act/fields.tsx";
import { given } from "../act/typed.ts";
import { call } from "../api/client.ts";
import { queries } from "../api/queries.ts";
import { chosenOf, ReleaseChoice } from "./ReleaseChoice.tsx";

const AFFECTED = ["work-orders", "stations"];

interface Props {
  readonly order: WorkOrderDetail;
}

export function SetQuantity({ order }: Props) {
  return (
    <Act
      label="Quantity"
      title={`How many units is ${order.number} for?`}
      needs="setOrderQuantity"
      verb={({ quantity }) => (quantity === null ? "Set" : `Set it to ${count(quantity)}`)}
      initial={{ quantity: order.quantity as number | null, reason: "" }}
      isReasonOptional
      ready={({ quantity }) => quantity !== null && quantity !== order.quantity}
      run={({ quantity, reason }) =>
        call("setOrderQuantity", {
          params: { id: order.id },
          body: {
            quantity: quantity ?? order.quantity,
            ...(given(reason) === undefined ? {} : { reason: given(reason) }),
          },
        })
      }
      affects={AFFECTED}
      done={({ body }) => `${body.number} is for ${counted(body.quantity, "unit")}.`}
    >
      {(form) => (
        <NumberField
          form={form}
          name="quantity"
          label="Units"
          hint={`Never below ${count(order.used)}: so many are in work, passed or unknown`}
          least={1}
          most={1_000_000}
        />
      )}
    </Act>
  );
}

export function SetRelease({ order }: Props) {
  return (
    <Act
      label="Release"
      title={`Give ${order.number} another release`}
      needs="setOrderRelease"
      verb="Give it"
      initial={{ release: "", reason: "" }}
      ready={({ release }) => release !== ""}
      run={({ release, reason }) =>
        call("setOrderRelease", {
          params: { id: order.id },
          body: { ...chosenOf(release), reason },
        })
      }
      affects={AFFECTED}
      done={({ body }) => `${body.number} has ${body.version} from the next unit on.`}
    >
      {(form) => (
        <>
          <p>
            It has <b>{order.version}</b>
            {order.channel !== null && ` by channel ${order.channel}`}. Units in work keep it; the
            next ones get what you choose.
          </p>
          <ReleaseChoice form={form} product={order.product} />
        </>
      )}
    </Act>
  );
}

export function Reopen({ order }: Props) {
  const stations = useQuery(queries.stations());
  return (
    <Act
      label="Reopen"
      title={`Let ${order.number} go on?`}
      needs="reopenWorkOrder"
      weight="first"
      verb={`Reopen ${order.number}`}
      initial={{ stations: [] as readonly string[], reason: "" }}
      run={({ stations: at, reason }) =>
        call("reopenWorkOrder", { params: { id: order.id }, body: { stations: [...at], reason } })
      }
      affects={AFFECTED}
      done={({ body }) => `${body.number} is open again.`}
    >
      {(form) => (
        <ManyField
          form={form}
          name="stations"
          label="Stations"
          hint="It is in no queue now; it goes on where you say"
          choices={(stations.data ?? []).map(({ name }) => name)}
          placeholder="None yet"
        />
      )}
    </Act>
  );
}
