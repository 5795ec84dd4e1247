import { adviceTexts, called, evidenceText, type HostView } from "@flashline/contract";
import { Link } from "@tanstack/react-router";
import { count, duration, percent, range } from "../../shared/format.ts";
import { Badge, Tag } from "../parts/Badge.tsx";
import { usePlantZone } from "../parts/PageHead.tsx";
import { day, fullTime } from "../parts/time.ts";
import { HostActions } from "./HostActions.tsx";

/** The verdict first, then one sentence of evidence, then the figures that decided, then what to do. */
export function HostLead({ host }: { readonly host: HostView }) {
  const zone = usePlantZone();
  const { linkIncidents: lost } = host;
  const advice = adviceTexts(host);
  return (
    <section className={`card host-lead v-${host.verdict}`} aria-label={called("Host", host.name)}>
      <div>
        <h2>
          <Badge state={host.verdict} /> {host.name}
          {host.virtual && <Tag title="Virtual units, no real boards">virtual</Tag>}
        </h2>
        <p className="say">{evidenceText(host, (time) => day(time, zone))}</p>
        <div className="figures">
          <Fig value={lost.share === null ? "–" : percent(lost.share)}>
            link incidents ({range(lost.low, lost.high)}, n {count(lost.n)})
          </Fig>
          {host.expected !== null && <Fig value={percent(host.expected)}>expected</Fig>}
          {host.r !== null && <Fig value={count(Math.round(host.r))}>R, evidence of a fault</Fig>}
          {host.rung === "QUARANTINE" && host.hold === undefined && (
            <Fig value="Quarantine">proposed</Fig>
          )}
          {host.p95Ms !== null && <Fig value={duration(host.p95Ms)}>p95 time</Fig>}
        </div>
        <div className="links">
          <Link to="/units" search={{ host: host.id }} className="b">
            Its units
          </Link>
          <Link to="/attempts" search={{ host: host.id }} className="b">
            Its attempts
          </Link>
          <Link to="/attempts" search={{ host: host.id, outcome: "FAIL" }} className="b">
            Its failures
          </Link>
          <Link to="/yield" search={{ host: host.id, window: "last-7-days" }} className="b">
            Its yield
          </Link>
          <HostActions host={host} />
          {host.since !== null && (
            <span className="soft">
              {host.verdict} since {fullTime(host.since, zone)}
            </span>
          )}
        </div>
      </div>
      <div className="todo">
        <h3>{advice.length === 0 ? "Nothing to do" : "What to do"}</h3>
        {advice.length > 0 && (
          <ol>
            {advice.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        )}
        <p className="small">
          {host.controllerName.replace(host.controller, "")}{" "}
          <span className="mono">{host.controller}</span>, {host.driver},{" "}
          {host.hubs.length === 0 ? "units straight on it" : `behind ${host.hubs.join(", ")}`}.
        </p>
      </div>
    </section>
  );
}

interface FigProps {
  readonly value: React.ReactNode;
  readonly children: React.ReactNode;
}

function Fig({ value, children }: FigProps) {
  return (
    <span className="fig">
      <b>{value}</b>
      {children}
    </span>
  );
}
