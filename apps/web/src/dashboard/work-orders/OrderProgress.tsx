import type { WorkOrderView } from "@flashline/contract";
import { count } from "../../shared/format.ts";
import { progressOf } from "./progress.ts";

/** How far an order is: in a sentence, as a bar, and in figures. */
export function OrderProgress({ order }: { readonly order: WorkOrderView }) {
  return (
    <>
      <p className="say">{progressOf(order).sentence}</p>
      <OrderBar order={order} />
    </>
  );
}

export function OrderBar({ order }: { readonly order: WorkOrderView }) {
  const { passed, running } = progressOf(order);
  return (
    <div
      className="order-bar"
      role="progressbar"
      aria-label={`${order.number}: passed`}
      aria-valuemin={0}
      aria-valuemax={order.quantity}
      aria-valuenow={order.passed}
    >
      <i className="done" style={{ width: `${passed * 100}%` }} />
      <i className="running hatch" style={{ width: `${running * 100}%` }} />
    </div>
  );
}

export function OrderFigures({ order }: { readonly order: WorkOrderView }) {
  return (
    <>
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
    </>
  );
}
