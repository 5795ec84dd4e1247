import type { HostView } from "@flashline/contract";
import { Link } from "@tanstack/react-router";
import { count, counted, duration, percent } from "../../shared/format.ts";
import { Badge } from "../parts/Badge.tsx";
import { IntervalBar } from "../parts/IntervalBar.tsx";
import { rateDomain } from "../parts/interval.ts";
import { worstFirst } from "./order.ts";

interface Props {
  readonly hosts: readonly HostView[];
  readonly chosen: string | undefined;
}

const TONES = {
  QUARANTINED: "fail",
  SUSPECT: "fail",
  WATCH: "warn",
  OK: "pass",
  NOT_ENOUGH_DATA: "plain",
} as const;

const known = (host: HostView): boolean => host.verdict !== "NOT_ENOUGH_DATA";

/** One axis for all rows, long enough for what is known; what is not known may run over its end. */
export function HostTable({ hosts, chosen }: Props) {
  const sorted = worstFirst(hosts);
  const domain = rateDomain(sorted.filter(known).map((host) => host.linkIncidents.high));
  return (
    <div className="scroll">
      <table className="table">
        <thead>
          <tr>
            <th>State</th>
            <th>Host</th>
            <th>Controller</th>
            <th>Hub</th>
            <th className="r">Units</th>
            <th>Link incidents, 0 to {percent(domain[1])}</th>
            <th className="r">
              <span className="unseen">Share</span>
            </th>
            <th className="r">p95 time</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((host) => (
            <tr
              key={host.id}
              className={`${known(host) ? "" : "few"} ${host.id === chosen ? "chosen" : ""}`}
              aria-current={host.id === chosen ? "true" : undefined}
            >
              <td>
                {known(host) ? (
                  <Badge state={host.verdict} />
                ) : (
                  <Badge state={host.verdict} word={counted(host.units, "UNIT", "UNITS")} />
                )}
              </td>
              <td>
                <Link to="/hosts/$id" params={{ id: host.id }}>
                  {host.name}
                </Link>
              </td>
              <td className="mono small" title={`${host.controllerName}, ${host.driver}`}>
                {host.controller}
              </td>
              <td className="mono small">{host.hubs.length === 0 ? "–" : host.hubs.join(", ")}</td>
              <td className="r">{count(host.units)}</td>
              <td>
                <IntervalBar
                  value={host.linkIncidents}
                  domain={domain}
                  expected={known(host) ? host.expected : null}
                  tone={TONES[host.verdict]}
                  width={124}
                  few={known(host) ? 0 : Number.POSITIVE_INFINITY}
                />
              </td>
              <td className="r">
                {host.linkIncidents.share === null ? "–" : percent(host.linkIncidents.share)}
              </td>
              <td className="r">{host.p95Ms === null ? "–" : duration(host.p95Ms)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
