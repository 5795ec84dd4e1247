import type { WorkOrderDetail, WorkOrderView } from "@flashline/contract";
import type { ServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { type Columns, showJson } from "../list.ts";
import { table } from "../terminal/units.ts";

export const ORDER_COLUMNS: Columns<WorkOrderView> = [
  ["ORDER", ({ number }) => number],
  ["STATE", ({ state }) => state],
  [
    "PRODUCT",
    ({ product, version, channel }) =>
      `${product} ${version}${channel === null ? "" : ` (${channel})`}`,
  ],
  ["PASSED", ({ passed, quantity }) => `${passed} of ${quantity}`],
  ["FAILED", ({ failed }) => String(failed)],
  ["IN WORK", ({ running }) => String(running)],
  ["STATIONS", ({ stations }) => stations.join(", ")],
];

/** One order for a person, or as a JSON line. */
export function showOrder(console: Console, options: ServerOptions, order: WorkOrderDetail): void {
  if (options.json) {
    showJson(console, "order", order);
    return;
  }
  const { number, state, product, version, releaseState, quantity, used, passed, failed } = order;
  const by = order.channel === null ? "" : `, by channel ${order.channel}`;
  const rows = order.queue.map(({ station, line, plant, priority, active, behind, inWork }) => [
    `  ${station}`,
    `${line}, ${plant}`,
    `priority ${priority}`,
    active ? "active" : behind === null ? "no unit left" : `behind ${behind}`,
    `${inWork} in work`,
  ]);
  console.terminal.write(
    `${number}  ${state}: ${product} ${version} (${releaseState})${by}\n` +
      `  ${passed} of ${quantity} passed, ${failed} failed, ${quantity - used} left\n` +
      (rows.length === 0 ? "  at no station\n" : table(rows)),
  );
}
