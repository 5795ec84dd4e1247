import type { WorkOrderView } from "@flashline/contract";
import { count } from "../../shared/format.ts";
import { progressOf } from "./progress.ts";

/** How far an order is: in a sentence, as a bar, and in figures. */
export function OrderProgress({ order }: { readonly order: WorkOrderView }) {
  const progress = progressOf(order);
  return (
    <>
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
    </>
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
