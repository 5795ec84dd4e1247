import type { OrderAtStation, WorkOrderDetail } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { count } from "../../shared/format.ts";
import { Icon } from "../../shared/icons.tsx";
import type { Column } from "../act/DataTable.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { manage } from "../api/manage.ts";
import { Badge } from "../parts/Badge.tsx";
import { Facts } from "../parts/Facts.tsx";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Answered } from "../parts/states.tsx";
import { fullTime } from "../parts/time.ts";
import { CloseOrder } from "./CloseOrder.tsx";
import { Reopen, SetQuantity, SetRelease } from "./OrderActs.tsx";
import { OrderFigures, OrderProgress } from "./OrderProgress.tsx";
import { SerialListAct } from "./SerialListAct.tsx";
import { RemoveStation, SetPriority, SetStations } from "./StationActs.tsx";

export function WorkOrderPage() {
  const { number } = useParams({ from: "/work-orders/$number" });
  const order = useQuery(manage.workOrder(number));
  return (
    <ManagePage
      title={`Work order ${order.data?.number ?? number}`}
      asOf={order.dataUpdatedAt}
      acts={order.data !== undefined && <Acts order={order.data} />}
    >
      <Answered query={order} missing={`There is no work order ${number}.`}>
        {(data) => <Detail order={data} />}
      </Answered>
    </ManagePage>
  );
}

function Acts({ order }: { readonly order: WorkOrderDetail }) {
  const { number, state, product } = order;
  return (
    <>
      {state === "open" ? (
        <>
          <SetQuantity order={order} />
          <SetRelease order={order} />
          <SerialListAct product={product} order={number} />
          <CloseOrder order={order} />
        </>
      ) : (
        <Reopen order={order} />
      )}
      <Link className="b" to="/units" search={{ order: number }}>
        Its units
      </Link>
      <Link className="b" to="/attempts" search={{ order: number, outcome: "FAIL" }}>
        Its failures
      </Link>
    </>
  );
}

function Detail({ order }: { readonly order: WorkOrderDetail }) {
  const zone = usePlantZone();
  const isStopped = order.state === "open" && order.releaseState !== "released";
  return (
    <>
      <section className="card order-card" aria-label="Progress">
        <header>
          <h2>
            <Badge state={order.state} /> {order.product} {order.version}
          </h2>
          {order.releaseState !== "released" && <Badge state={order.releaseState} />}
        </header>
        {isStopped && (
          <p className="note bad">
            <Icon name="warning" />
            <span>
              It takes no units: its release is {order.releaseState}.{" "}
              {order.channel === null
                ? "Give it another release."
                : `Move another release into channel ${order.channel}.`}
            </span>
          </p>
        )}
        <OrderProgress order={order} />
        <footer>
          <OrderFigures order={order} />
        </footer>
        <Facts
          items={[
            [
              "Product",
              <Link key="p" to="/products/$name" params={{ name: order.product }}>
                {order.product}
              </Link>,
            ],
            ["Follows channel", order.channel],
            ["Used", `${count(order.used)} of ${count(order.quantity)}`],
            ["Created", `${fullTime(order.createdAt, zone)} by ${order.createdBy}`],
          ]}
        />
      </section>
      <TableCard
        title="Stations"
        name={`Stations of ${order.number}`}
        rows={order.queue}
        keyOf={({ station }) => station}
        columns={columnsOf(order)}
        acts={order.state === "open" && <SetStations order={order} />}
        empty={["It is at no station.", "Nobody flashes it until it is in a queue."]}
      />
    </>
  );
}

const columnsOf = (order: WorkOrderDetail): readonly Column<OrderAtStation>[] => [
  {
    name: "Station",
    csv: ({ station }) => station,
    cell: ({ station }) => (
      <Link to="/stations/$name" params={{ name: station }}>
        <b>{station}</b>
      </Link>
    ),
  },
  { name: "Line", csv: ({ line }) => line, cell: ({ plant, line }) => `${plant} · ${line}` },
  {
    name: "Its turn",
    csv: ({ active, behind }) => (active ? "now" : `behind ${behind ?? ""}`),
    cell: ({ active, behind }) =>
      active ? (
        <b>The next unit is of it</b>
      ) : behind === null ? (
        <span className="soft">waits</span>
      ) : (
        <span className="soft">
          waits behind{" "}
          <Link to="/work-orders/$number" params={{ number: behind }}>
            {behind}
          </Link>
        </span>
      ),
  },
  {
    name: "Priority",
    csv: ({ priority }) => priority,
    cell: ({ priority }) => priority,
    isFigure: true,
  },
  {
    name: "In work",
    csv: ({ inWork }) => inWork,
    cell: ({ inWork }) => count(inWork),
    isFigure: true,
  },
  {
    name: "Actions",
    cell: (at) => (
      <span className="row-acts">
        <SetPriority order={order} at={at} />
        <RemoveStation order={order} at={at} />
      </span>
    ),
  },
];
