import type { UnitView } from "@flashline/contract";
import { Link } from "@tanstack/react-router";
import { Badge } from "../parts/Badge.tsx";
import { Blame } from "../parts/Blame.tsx";
import { when } from "../parts/time.ts";
import type { LongColumn } from "../table/column.ts";

export const unitColumns = (zone: string | undefined): readonly LongColumn<UnitView>[] => [
  {
    id: "state",
    name: "State",
    width: 12,
    shown: "always",
    cell: ({ state }) => <Badge state={state} />,
  },
  {
    id: "serial",
    name: "Serial",
    width: 17,
    sort: "serial",
    shown: "always",
    cell: ({ id, serial }) => (
      <Link to="/units/$id" params={{ id }} className="mono">
        {serial}
      </Link>
    ),
  },
  { id: "product", name: "Product", width: 13, cell: ({ product }) => product },
  {
    id: "last",
    name: "Last attempt",
    width: 28,
    className: "what",
    cell: ({ last }) => <LastAttempt last={last} />,
  },
  {
    id: "board",
    name: "Board",
    width: 8,
    cell: ({ boardRevision }) => boardRevision ?? "–",
  },
  { id: "batch", name: "Batch", width: 11, cell: ({ batch }) => batch ?? "–" },
  {
    id: "attempts",
    name: "Attempts",
    width: 9,
    isFigure: true,
    cell: ({ attempts }) => attempts,
  },
  {
    id: "at",
    name: "At",
    width: 13,
    sort: "worked",
    isFigure: true,
    className: "soft",
    cell: ({ lastAt }) => (lastAt === null ? "–" : when(lastAt, zone)),
  },
];

function LastAttempt({ last }: Pick<UnitView, "last">) {
  if (last === null) return <span className="soft">–</span>;
  return (
    <>
      <Link to="/attempts/$id" params={{ id: last.attemptId }} className="plain-link">
        <Badge state={last.outcome} />
      </Link>
      {last.code !== null && <span className="mono">{last.code}</span>}
      <Blame blame={last.blame} />
    </>
  );
}
