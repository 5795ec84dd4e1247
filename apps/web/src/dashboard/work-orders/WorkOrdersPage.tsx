import type { WorkOrderView } from "@flashline/contract";
import { useInfiniteQuery } from "@tanstack/react-query";
import { count } from "../../shared/format.ts";
import { queries } from "../api/queries.ts";
import { Badge, Tag } from "../parts/Badge.tsx";
import { PageHead, usePlantZone } from "../parts/PageHead.tsx";
import { ShowMore } from "../parts/ShowMore.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { when } from "../parts/time.ts";
import { CloseOrder } from "./CloseOrder.tsx";
import { progressOf } from "./progress.ts";

export function WorkOrdersPage() {
  const orders = useInfiniteQuery(queries.workOrders());
  return (
    <main>
      <PageHead title="Work orders" asOf={orders.dataUpdatedAt} />
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
    </main>
  );
}

function OrderCard({ order }: { readonly order: WorkOrderView }) {
  const zone = usePlantZone();
  const progress = progressOf(order);
  return (
    <article className="card order-card" aria-label={`Work order ${order.number}`}>
      <header>
        <h2>
          <Badge state={order.state} /> {order.number}
        </h2>
        <span className="soft">
          {order.product} {order.version} · since {when(order.createdAt, zone)}
        </span>
        <span className="space" />
        <CloseOrder order={order} />
      </header>
      <p className="say">{progress.sentence}</p>
      <div
        className="order-bar"
        role="progressbar"
        aria-label={`${order.number}: passed`}
        aria-valuemin={0}
        aria-valuemax={order.quantity}
        aria-valuenow={order.passed}
      >
        <i className="done" style={{ width: `${progress.passed * 100}%` }} />
        <i className="running hatch" style={{ width: `${progress.running * 100}%` }} />
      </div>
      <footer>
        <span>
          <b>{count(order.passed)}</b> passed
        </span>
        <span>
          <b>{count(order.running)}</b> in work
        </span>
        <span>
          <b>{count(order.failed)}</b> failed
        </span>
        <span>
          <b>{count(order.quantity)}</b> ordered
        </span>
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
