import type { WorkOrderView } from "@flashline/contract";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { counted } from "../../shared/format.ts";
import { type Column, CsvButton } from "../act/DataTable.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { queries } from "../api/queries.ts";
import { Badge, Tag } from "../parts/Badge.tsx";
import { usePlantZone } from "../parts/PageHead.tsx";
import { ShowMore } from "../parts/ShowMore.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { when } from "../parts/time.ts";
import { AddOrder } from "./AddOrder.tsx";
import { CloseOrder } from "./CloseOrder.tsx";
import { OrderFigures, OrderProgress } from "./OrderProgress.tsx";

const FILE: readonly Column<WorkOrderView>[] = [
  { name: "Order", csv: ({ number }) => number },
  { name: "State", csv: ({ state }) => state },
  { name: "Product", csv: ({ product }) => product },
  { name: "Release", csv: ({ version }) => version },
  { name: "Channel", csv: ({ channel }) => channel },
  { name: "Ordered", csv: ({ quantity }) => quantity },
  { name: "Passed", csv: ({ passed }) => passed },
  { name: "In work", csv: ({ running }) => running },
  { name: "Failed", csv: ({ failed }) => failed },
  { name: "Stations", csv: ({ stations }) => stations.join(" ") },
  { name: "Created", csv: ({ createdAt }) => createdAt },
];

export function WorkOrdersPage() {
  const orders = useInfiniteQuery(queries.workOrders());
  return (
    <ManagePage title="Work orders" asOf={orders.dataUpdatedAt} acts={<AddOrder />}>
      <Answered query={orders}>
        {(rows) =>
          rows.length === 0 ? (
            <section className="card">
              <Empty title="No work orders yet.">
                A work order says how many units of a product are flashed with which release, and
                where.
              </Empty>
            </section>
          ) : (
            <>
              <div className="table-tools">
                <span className="soft">{sayOrders(rows)}</span>
                <span className="space" />
                <CsvButton name="Work orders" rows={rows} columns={FILE} />
              </div>
              <div className="orders">
                {rows.map((order) => (
                  <OrderCard key={order.id} order={order} />
                ))}
              </div>
              <ShowMore shown={rows.length} query={orders} />
            </>
          )
        }
      </Answered>
    </ManagePage>
  );
}

function sayOrders(rows: readonly WorkOrderView[]): string {
  const open = rows.filter(({ state }) => state === "open").length;
  return `${counted(open, "order")} open, ${rows.length - open} closed`;
}

function OrderCard({ order }: { readonly order: WorkOrderView }) {
  const zone = usePlantZone();
  return (
    <article className="card order-card" aria-label={`Work order ${order.number}`}>
      <header>
        <h2>
          <Badge state={order.state} />{" "}
          <Link to="/work-orders/$number" params={{ number: order.number }}>
            {order.number}
          </Link>
        </h2>
        <span className="soft">
          {order.product} {order.version}
          {order.channel !== null && ` (channel ${order.channel})`} · since{" "}
          {when(order.createdAt, zone)}
        </span>
        <span className="space" />
        <CloseOrder order={order} />
      </header>
      <OrderProgress order={order} />
      <footer>
        <OrderFigures order={order} />
        <span className="space" />
        {order.stations.length === 0 ? (
          <span className="soft">Set at no station</span>
        ) : (
          order.stations.map((station) => <Tag key={station}>{station}</Tag>)
        )}
      </footer>
    </article>
  );
}
