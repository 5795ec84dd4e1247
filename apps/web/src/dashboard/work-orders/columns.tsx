import type { WorkOrderView } from "@flashline/contract";
import { Link } from "@tanstack/react-router";
import { count } from "../../shared/format.ts";
import type { Column } from "../act/DataTable.tsx";
import { Badge, Tag } from "../parts/Badge.tsx";
import { when } from "../parts/time.ts";
import type { LongColumn } from "../table/column.ts";
import { CloseOrder } from "./CloseOrder.tsx";
import { OrderBar } from "./OrderProgress.tsx";

export const orderColumns = (zone: string | undefined): readonly LongColumn<WorkOrderView>[] => [
  {
    id: "state",
    name: "State",
    width: 10,
    sort: "state",
    shown: "always",
    cell: ({ state }) => <Badge state={state} />,
  },
  {
    id: "number",
    name: "Order",
    width: 12,
    sort: "number",
    shown: "always",
    cell: ({ number }) => (
      <Link to="/work-orders/$number" params={{ number }}>
        <b>{number}</b>
      </Link>
    ),
  },
  {
    id: "product",
    name: "Product",
    width: 10,
    sort: "product",
    cell: ({ product }) => product,
  },
  {
    id: "release",
    name: "Release",
    width: 12,
    cell: ({ version, channel }) => (
      <>
        {version} {channel !== null && <Tag title="The channel that it follows">{channel}</Tag>}
      </>
    ),
  },
  {
    id: "progress",
    name: "Passed",
    width: 18,
    className: "progress",
    cell: (order) => (
      <>
        <OrderBar order={order} />
        <span className="of">
          <b>{count(order.passed)}</b> of {count(order.quantity)}
        </span>
      </>
    ),
  },
  {
    id: "running",
    name: "In work",
    width: 8,
    isFigure: true,
    cell: ({ running }) => count(running),
  },
  {
    id: "failed",
    name: "Failed",
    width: 7,
    isFigure: true,
    cell: ({ failed }) => count(failed),
  },
  {
    id: "stations",
    name: "Stations",
    width: 14,
    cell: ({ stations }) => <Stations stations={stations} />,
  },
  {
    id: "created",
    name: "Entered",
    width: 12,
    sort: "created",
    isFigure: true,
    className: "soft",
    cell: ({ createdAt }) => when(createdAt, zone),
  },
  {
    id: "actions",
    name: "Actions",
    width: 9,
    shown: "always",
    cell: (order) => (
      <span className="row-acts">
        <CloseOrder order={order} />
      </span>
    ),
  },
];

/** So many stand in a row; the order's page has all of them. */
const MOST_STATIONS = 4;

function Stations({ stations }: Pick<WorkOrderView, "stations">) {
  if (stations.length === 0) return <span className="soft">none</span>;
  const more = stations.length - MOST_STATIONS;
  return (
    <span className="tags">
      {stations.slice(0, MOST_STATIONS).map((station) => (
        <Tag key={station} title={station}>
          {station}
        </Tag>
      ))}
      {more > 0 && <span className="soft small">and {more} more</span>}
    </span>
  );
}

export const ORDERS_FILE: readonly Column<WorkOrderView>[] = [
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
  { name: "Entered", csv: ({ createdAt }) => createdAt },
];
