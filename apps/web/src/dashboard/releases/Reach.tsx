import type { ReleaseDryRun, ReleaseView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { count } from "../../shared/format.ts";
import type { Column } from "../act/DataTable.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { manage } from "../api/manage.ts";
import { Answered } from "../parts/states.tsx";
import { orderColumn } from "../work-orders/order-column.tsx";

type Order = ReleaseDryRun["orders"][number];

const REACHED = {
  names: "gets it: it names it",
  follows: "gets it where orders are moved",
  channel: "gets it by its channel",
  no: "keeps its release",
} as const;

const COLUMNS: readonly Column<Order>[] = [
  orderColumn(),
  {
    name: "Has now",
    csv: ({ version, channel }) => (channel === null ? version : `${version} (${channel})`),
    cell: ({ version, channel }) => (
      <>
        {version} {channel !== null && <span className="soft">channel {channel}</span>}
      </>
    ),
  },
  {
    name: "With a promotion",
    csv: ({ reached }) => REACHED[reached],
    cell: ({ reached }) =>
      reached === "no" ? <span className="soft">{REACHED.no}</span> : REACHED[reached],
  },
  { name: "Units to go", csv: ({ left }) => left, cell: ({ left }) => count(left), isFigure: true },
  {
    name: "In work",
    csv: ({ inWork }) => inWork,
    cell: ({ inWork }) => count(inWork),
    isFigure: true,
  },
  {
    name: "Stations",
    csv: ({ stations }) => stations.join(" "),
    cell: ({ stations }) => stations.join(", ") || <span className="soft">none</span>,
    className: "wrap",
  },
];

/** Which open orders a release would reach: the dry run of a promotion. */
export function Reach({ release }: { readonly release: ReleaseView }) {
  const run = useQuery(manage.dryRun(release.id, {}));
  return (
    <Answered query={run} lines={2}>
      {({ orders, predecessor }) => (
        <TableCard
          title="What a promotion would reach"
          name={`Reach of ${release.product} ${release.version}`}
          rows={orders}
          keyOf={({ number }) => number}
          columns={COLUMNS}
          empty={[
            "No open order of the product.",
            "Nothing is flashed with it until one is there.",
          ]}
        >
          {predecessor !== null && (
            <p className="hint">
              It takes the place of <b>{predecessor}</b>. Units in work are finished as begun.
            </p>
          )}
        </TableCard>
      )}
    </Answered>
  );
}
