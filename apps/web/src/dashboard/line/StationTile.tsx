import { called, type HostView, type StationView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Elapsed } from "../../shared/Elapsed.tsx";
import { count, counted } from "../../shared/format.ts";
import { Icon } from "../../shared/icons.tsx";
import { queries } from "../api/queries.ts";
import { worstFirst } from "../hosts/order.ts";
import { Badge } from "../parts/Badge.tsx";
import { ago } from "../parts/time.ts";
import { NestTile } from "../stations/NestTile.tsx";

/** A station at a glance: can its host be trusted, what do its nests do, for which order, and does somebody call. */
export function StationTile({ station }: { readonly station: StationView }) {
  const { name, connected, enrolled, lastSeenAt, today, nests } = station;
  const hosts = useQuery(queries.hosts());
  const calls = useQuery(queries.leadCalls());
  const call = calls.data?.find((alarm) => alarm.station === name);
  const host = worstFirst((hosts.data?.hosts ?? []).filter((one) => one.station === name))[0];
  const isGone = !connected;
  return (
    <article
      className={`card station-tile ${isGone ? "gone" : ""} ${call === undefined ? "" : "calls"}`}
      aria-label={called("Station", name)}
    >
      <header>
        <h3>
          <Link to="/stations/$name" params={{ name }}>
            {name}
          </Link>
        </h3>
        {host !== undefined && <Verdict host={host} />}
        {isGone && (
          <span className="conn off">
            <Icon name="warning" size={14} />
            {enrolled
              ? lastSeenAt === null
                ? "Never seen"
                : `Last seen ${ago(lastSeenAt)}`
              : "Not enrolled"}
          </span>
        )}
      </header>
      {call !== undefined && (
        <p className="call" role="status">
          <Icon name="bell" size={16} /> Calls the lead <Elapsed since={call.raisedAt} />
          <span>{call.takenBy === null ? "nobody yet" : `${call.takenBy} goes`}</span>
        </p>
      )}
      <Order station={station} />
      <ul className={`nest-tiles ${isGone ? "hatch" : ""}`}>
        {nests.map((nest) => (
          <NestTile key={nest.name} nest={nest} known={!isGone} />
        ))}
      </ul>
      <footer>
        <span>
          <Link to="/attempts" search={{ station: name, window: "today", outcome: "PASS" }}>
            <b>{count(today.passed)}</b>
          </Link>{" "}
          passed
        </span>
        <span>
          <Link to="/attempts" search={{ station: name, window: "today", outcome: "FAIL" }}>
            <b>{count(today.failed)}</b>
          </Link>{" "}
          failed
        </span>
        {station.queuedResults > 0 && (
          <span className="warn-text">
            {counted(station.queuedResults, "result")} waiting there
          </span>
        )}
      </footer>
    </article>
  );
}

/** Where a host is well, its word is enough; else it leads to why. */
function Verdict({ host }: { readonly host: HostView }) {
  return (
    <Link to="/hosts/$id" params={{ id: host.id }} className="plain-link verdict-link">
      <span className="unseen">Host: </span>
      <Badge state={host.verdict} />
    </Link>
  );
}

function Order({
  station: { workOrder, product, version, workOrders },
}: {
  readonly station: StationView;
}) {
  if (workOrder === null) return <p className="order soft">No work order set</p>;
  const left = workOrders.find(({ number }) => number === workOrder)?.unitsLeft;
  return (
    <p className="order">
      <Link to="/work-orders/$number" params={{ number: workOrder }}>
        <b>{workOrder}</b>
      </Link>{" "}
      · {product} {version}
      {left !== undefined && <span className="soft"> · {count(left)} to go</span>}
    </p>
  );
}
