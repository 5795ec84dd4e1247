import { type AttemptDetail, called, describeContradiction } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { bytes, duration, hexAddress } from "../../shared/format.ts";
import { queries } from "../api/queries.ts";
import { Badge, Tag } from "../parts/Badge.tsx";
import { Blame } from "../parts/Blame.tsx";
import { Facts } from "../parts/Facts.tsx";
import { PageHead, usePlantZone } from "../parts/PageHead.tsx";
import { Answered } from "../parts/states.tsx";
import { fullTime } from "../parts/time.ts";
import { figureItems } from "./figures.ts";
import { Incidents } from "./Incidents.tsx";
import { PhaseBar } from "./PhaseBar.tsx";
import { sayAttempt } from "./say.ts";

export function AttemptPage() {
  const { id } = useParams({ from: "/attempts/$id" });
  const attempt = useQuery(queries.attempt(id));
  return (
    <main>
      <PageHead
        title={attempt.data === undefined ? "Attempt" : `Attempt at ${attempt.data.serial}`}
        asOf={attempt.dataUpdatedAt}
      />
      <Answered query={attempt} missing="There is no such attempt.">
        {(data) => <Detail attempt={data} />}
      </Answered>
    </main>
  );
}

function Detail({ attempt }: { readonly attempt: AttemptDetail }) {
  return (
    <>
      <section className={`card verdict ${attempt.outcome === "FAIL" ? "bad" : ""}`}>
        <h2>
          <Badge state={attempt.outcome} />
          <span className="mono">{attempt.serial}</span>
          {attempt.virtual && <Tag>virtual</Tag>}
          {attempt.late && <Tag>late</Tag>}
          {attempt.review && <Tag>review</Tag>}
        </h2>
        <p className="say">{sayAttempt(attempt)}</p>
        {attempt.code !== null && (
          <p className="code-line">
            <span className="mono">{attempt.code}</span> <Blame blame={attempt.blame} />
          </p>
        )}
        <Contradictions of={attempt.contradictions} />
        {attempt.detail !== null && <p className="mono small detail">{attempt.detail}</p>}
      </section>
      <Evidence attempt={attempt} />
    </>
  );
}

/** Why a result was not believed. */
export function Contradictions({ of }: { readonly of: readonly string[] }) {
  if (of.length === 0) return null;
  return (
    <p className="say">
      The result contradicts its job, so it is kept as evidence and counts nowhere:{" "}
      {of.map(describeContradiction).join(" ")}
    </p>
  );
}

/** What the port showed after the start, and what it was to show where that is something else. */
function applicationOf({ application }: AttemptDetail) {
  if (application === null) return null;
  const { serial, expected, ids } = application;
  const isAsExpected = serial?.toUpperCase() === expected.toUpperCase();
  return (
    <span key="application">
      <span className="mono wrap">{serial ?? "none was shown"}</span>
      {ids !== null && ` on ${ids}`}
      {!isAsExpected && (
        <>
          , expected <span className="mono wrap">{expected}</span>
        </>
      )}
    </span>
  );
}

/** Everything that was recorded of an attempt; also shown inside a unit's history. */
export function Evidence({ attempt }: { readonly attempt: AttemptDetail }) {
  const zone = usePlantZone();
  return (
    <div className="two even">
      <section className="card">
        <h2>What was done</h2>
        <PhaseBar phaseMs={attempt.phaseMs} failedIn={attempt.phase} />
        <Facts
          items={[
            ...figureItems(attempt),
            ["Profile", profileOf(attempt)],
            ["Address", attempt.address === null ? null : hexAddress(attempt.address)],
            ["Duration", attempt.durationMs === null ? null : duration(attempt.durationMs)],
            ["Release", `${attempt.product} ${attempt.version}`],
            ["Unit data", attempt.patch === null ? null : attempt.patch.fields.join(", ")],
            ["Application's serial", applicationOf(attempt)],
            [
              "Work order",
              <Link key="order" to="/work-orders/$number" params={{ number: attempt.workOrder }}>
                {attempt.workOrder}
              </Link>,
            ],
            [
              "Under an exception",
              attempt.exception === null
                ? null
                : `${attempt.exception.reason} (lifts ${attempt.exception.lifts.join(", ")})`,
            ],
            ["Started", fullTime(attempt.startedAt, zone)],
            ["Received", attempt.receivedAt === null ? null : fullTime(attempt.receivedAt, zone)],
            [
              "Station's clock is off by",
              attempt.skewMs === null ? null : duration(Math.abs(attempt.skewMs)),
            ],
            [
              "Content digest",
              attempt.patch === null ? null : (
                <span key="digest" className="mono small wrap">
                  {attempt.patch.digest}
                </span>
              ),
            ],
          ]}
        />
      </section>
      <section className="card">
        <h2>Where, and by which evidence</h2>
        <Facts
          items={[
            [
              "Unit",
              <Link key="unit" to="/units" search={{ search: attempt.serial }} className="mono">
                {attempt.serial}
              </Link>,
            ],
            ["Station", `${attempt.station}, ${called("nest", attempt.nest)}`],
            ["Operator", operatorOf(attempt)],
            [
              "Host",
              <Link key="host" to="/hosts/$id" params={{ id: attempt.hostId }}>
                {attempt.host}
              </Link>,
            ],
            [
              "Controller",
              <span key="c" className="mono">
                {attempt.controller}
              </span>,
            ],
            [
              "Hubs",
              attempt.hubs.length === 0
                ? "none, straight on the controller"
                : attempt.hubs.join(" → "),
            ],
            [
              "Port",
              <span key="p" className="mono">
                {attempt.portPath}
              </span>,
            ],
            [
              "Chip",
              attempt.chip === null
                ? null
                : `${attempt.chip} (matched by ${attempt.chipMatch ?? "nothing"})`,
            ],
            ["Agent", attempt.agentVersion],
          ]}
        />
        {attempt.chipEvidence.length > 0 && (
          <ul className="evidence mono small">
            {attempt.chipEvidence.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )}
        <h3>Incidents on the link</h3>
        <Incidents attempt={attempt} />
        {attempt.transcript !== null && (
          <p className="transcript">
            <a href={`/v1/attempts/${attempt.id}/transcript`} download>
              Transcript for Wireshark
            </a>{" "}
            <span className="small">
              {bytes(attempt.transcript.bytes)}, every transfer, content left out
            </span>
          </p>
        )}
      </section>
    </div>
  );
}

function operatorOf({ operator }: AttemptDetail): React.ReactNode {
  if (operator === null) return null;
  const { id, name } = operator;
  return (
    <Link key="operator" to="/attempts" search={{ operator: id }}>
      {name ?? `erased person ${id}`}
    </Link>
  );
}

function profileOf(attempt: AttemptDetail): string {
  return attempt.profile === attempt.startProfile
    ? attempt.profile
    : `started ${attempt.startProfile}, ended ${attempt.profile}`;
}
