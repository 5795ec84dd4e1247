import type { WorkOrderView } from "@flashline/contract";
import { Act } from "../act/Act.tsx";
import { call } from "../api/client.ts";

export function CloseOrder({ order }: { readonly order: WorkOrderView }) {
  if (order.state !== "open") return null;
  return (
    <Act
      label="Close"
      title="Close this work order?"
      needs="closeWorkOrder"
      verb={`Close ${order.number}`}
      keep="Keep it open"
      initial={{}}
      run={() => call("closeWorkOrder", { params: { id: order.id } })}
      affects={["work-orders", "stations"]}
      done={() => `${order.number} is closed.`}
    >
      {() => (
        <p>
          Stations start no more units of <b>{order.number}</b>. Units in work are finished. It can
          be reopened.
        </p>
      )}
    </Act>
  );
}
