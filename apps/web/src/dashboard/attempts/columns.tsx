import { type AttemptView, called, describeContradiction } from "@flashline/contract";
import { Link } from "@tanstack/react-router";
import { duration } from "../../shared/format.ts";
import { Icon } from "../../shared/icons.tsx";
import { meaningOf } from "../../shared/meaning.ts";
import { Badge, Tag } from "../parts/Badge.tsx";
import { Blame } from "../parts/Blame.tsx";
import { when } from "../parts/time.ts";
import type { LongColumn } from "../table/column.ts";

export const attemptColumns = (zone: string | undefined): readonly LongColumn<AttemptView>[] => [
  {
    id: "state",
    name: "State",
    width: 9,
    shown: "always",
    cell: ({ id, outcome }) => (
      <Link to="/attempts/$id" params={{ id }} className="plain-link">
        <Badge state={outcome} />
      </Link>
    ),
  },
  {
    id: "unit",
    name: "Unit",
    width: 19,
    shown: "always",
    cell: ({ id, serial, virtual }) => (
      <>
        <Link to="/attempts/$id" params={{ id }} className="mono">
          {serial}
        </Link>{" "}
        {virtual && <Tag title="A virtual unit, no real board">virtual</Tag>}
      </>
    ),
  },
  {
    id: "station",
    name: "Station",
    width: 13,
    cell: ({ station, nest }) => (
      <>
        {station} <span className="soft">{called("nest", nest)}</span>
      </>
    ),
  },
  {
    id: "what",
    name: "What happened",
    width: 30,
    className: "what",
    cell: (row) => <What row={row} />,
  },
  { id: "product", name: "Product", width: 11, shown: "chosen", cell: (row) => row.product },
  { id: "release", name: "Release", width: 10, cell: ({ version }) => version },
  {
    id: "order",
    name: "Work order",
    width: 12,
    shown: "chosen",
    cell: ({ workOrder }) => (
      <Link to="/work-orders/$number" params={{ number: workOrder }}>
        {workOrder}
      </Link>
    ),
  },
  {
    id: "host",
    name: "Host",
    width: 13,
    shown: "chosen",
    cell: ({ hostId, host }) => (
      <Link to="/hosts/$id" params={{ id: hostId }}>
        {host}
      </Link>
    ),
  },
  {
    id: "operator",
    name: "Operator",
    width: 11,
    shown: "chosen",
    cell: ({ operator }) => operator?.name ?? "–",
  },
  {
    id: "profile",
    name: "Profile",
    width: 12,
    shown: "chosen",
    className: "soft",
    cell: ({ profile, startProfile }) =>
      profile === startProfile ? profile : `${startProfile} → ${profile}`,
  },
  {
    id: "duration",
    name: "Time",
    width: 8,
    sort: "duration",
    isFigure: true,
    cell: ({ durationMs }) => (durationMs === null ? "–" : duration(durationMs)),
  },
  {
    id: "at",
    name: "At",
    width: 11,
    sort: "time",
    isFigure: true,
    className: "soft",
    cell: ({ receivedAt, startedAt }) => when(receivedAt ?? startedAt, zone),
  },
];

function What({ row }: { readonly row: AttemptView }) {
  return (
    <>
      {row.code !== null && (
        <>
          <span className="mono" title={meaningOf(row.code)}>
            {row.code}
          </span>
          <Blame blame={row.blame} />
        </>
      )}
      {row.linkIncident && row.outcome === "PASS" && (
        <span className="recovered">
          <Icon name="link" size={13} /> link recovered
        </span>
      )}
      {row.late && <Tag title="The result came after its lease had ended">late</Tag>}
      {row.contradictions.length > 0 && (
        <Tag title={row.contradictions.map(describeContradiction).join(" ")}>contradiction</Tag>
      )}
      {row.review && (
        <Tag title="A person should look: the result holds something this server does not know, or another unit was flashed">
          review
        </Tag>
      )}
    </>
  );
}
