import type { StationView } from "@flashline/contract";
import { count } from "../../shared/format.ts";
import type { Column } from "../act/DataTable.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { Badge } from "../parts/Badge.tsx";
import { orderColumn } from "../work-orders/order-column.tsx";
import { HoldAct } from "./HoldAct.tsx";

type Nest = StationView["nests"][number];
type Queued = StationView["workOrders"][number];

export function Nests({ station }: { readonly station: StationView }) {
  const columns: readonly Column<Nest>[] = [
    { name: "Nest", csv: ({ name }) => name, cell: ({ name }) => <b>{name}</b> },
    {
      name: "USB port",
      csv: ({ portPath }) => portPath,
      cell: ({ portPath }) =>
        portPath === "" ? (
          <span className="soft">none: its agent does not name it any more</span>
        ) : (
          <span className="mono">{portPath}</span>
        ),
    },
    {
      name: "Now",
      csv: ({ state }) => state,
      cell: ({ state }) => <Badge state={station.connected ? state : "unknown"} />,
    },
    {
      name: "Takes no units because",
      csv: ({ hold }) => hold?.reason ?? "",
      cell: ({ hold }) =>
        hold === undefined ? null : (
          <>
            <span className="soft">
              {hold.kind === "nest" ? "" : `its ${hold.kind} is stopped: `}
            </span>
            {hold.reason}
          </>
        ),
      className: "wrap",
    },
    {
      name: "Actions",
      cell: ({ name, hold }) => (
        <span className="row-acts">
          <HoldAct
            target={{ kind: "nest", station: station.name, nest: name }}
            name={`${station.name}/${name}`}
            isOn={hold?.kind === "nest"}
          />
        </span>
      ),
    },
  ];
  return (
    <TableCard
      title="Nests"
      name={`Nests of ${station.name}`}
      rows={station.nests}
      keyOf={({ name }) => name}
      columns={columns}
      empty={["No nests yet.", "Its PC names them when it enrolls, with their USB ports."]}
    />
  );
}

const QUEUE: readonly Column<Queued>[] = [
  orderColumn(),
  {
    name: "Product",
    csv: ({ product, version }) => `${product} ${version}`,
    cell: ({ product, version }) => `${product} ${version}`,
  },
  {
    name: "Priority",
    csv: ({ priority }) => priority,
    cell: ({ priority }) => priority,
    isFigure: true,
  },
  {
    name: "Units left",
    csv: ({ unitsLeft }) => unitsLeft,
    cell: ({ unitsLeft }) => count(unitsLeft),
    isFigure: true,
  },
];

export function Queue({ station }: { readonly station: StationView }) {
  return (
    <TableCard
      title="Work orders"
      name={`Work orders of ${station.name}`}
      rows={station.workOrders}
      keyOf={({ number }) => number}
      columns={QUEUE}
      empty={["No work order is in its queue.", "Put one there on the order's page."]}
    />
  );
}
