import { type AttemptDetail, called, labelSentence, type UnitDetail } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { counted } from "../../shared/format.ts";
import { Icon } from "../../shared/icons.tsx";
import { queries } from "../api/queries.ts";
import { Contradictions, Evidence } from "../attempts/AttemptPage.tsx";
import { sayAttempt } from "../attempts/say.ts";
import { Badge, Tag } from "../parts/Badge.tsx";
import { Blame } from "../parts/Blame.tsx";
import { Facts } from "../parts/Facts.tsx";
import { PageHead, usePlantZone } from "../parts/PageHead.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { fullTime } from "../parts/time.ts";
import { AsFlashed } from "./AsFlashed.tsx";
import { type Act, actsOf } from "./story.ts";
import { valueText } from "./value.ts";

export function UnitPage() {
  const { id } = useParams({ from: "/units/$id" });
  const unit = useQuery(queries.unit(id));
  return (
    <main>
      <PageHead
        title={unit.data === undefined ? "Unit" : `Unit ${unit.data.serial}`}
        asOf={unit.dataUpdatedAt}
      >
        {unit.data !== undefined && (
          <span className="page-acts">
            <a className="b small" href={`/v1/units/${id}/dossier.pdf`} download>
              <Icon name="download" size={15} /> Dossier as PDF
            </a>
            <button type="button" className="b small" onClick={() => window.print()}>
              <Icon name="print" size={15} /> Print
            </button>
          </span>
        )}
      </PageHead>
      <Answered query={unit} missing="There is no such unit.">
        {(data) => <Life unit={data} />}
      </Answered>
    </main>
  );
}

function Life({ unit }: { readonly unit: UnitDetail }) {
  const zone = usePlantZone();
  const dossier = useQuery(queries.dossier(unit.id));
  // A job with an attempt is told by it, also one that ended before the first erase.
  const attempted = new Set(unit.history.map((attempt) => attempt.jobId));
  const open = unit.jobs.filter((job) => !attempted.has(job.id));
  const untouched = new Set(
    unit.jobs.filter(({ state }) => state === "CANCELLED").map(({ id }) => id),
  );
  const latestFirst = [...unit.history].sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  const acts = dossier.data === undefined ? [] : actsOf(dossier.data);
  const moments = [
    ...latestFirst.map((attempt, index) => ({
      at: attempt.receivedAt ?? attempt.startedAt,
      node: (
        <Moment
          key={attempt.id}
          attempt={attempt}
          untouched={untouched.has(attempt.jobId)}
          number={latestFirst.length - index}
        />
      ),
    })),
    ...acts.map((act) => ({ at: act.at, node: <Done key={act.id} act={act} /> })),
  ].sort((a, b) => b.at.localeCompare(a.at));
  return (
    <>
      <section className="card">
        <h2>
          <Badge state={unit.state} /> <span className="mono">{unit.serial}</span>
        </h2>
        <Facts
          items={[
            ["Product", unit.product],
            ["Board revision", unit.boardRevision],
            ["Batch", unit.batch],
            ["Registered", fullTime(unit.createdAt, zone)],
            ["Attempts", counted(unit.history.length, "attempt")],
          ]}
        />
        {unit.values.length > 0 && (
          <>
            <h3 className="next">Its own data</h3>
            <Facts
              items={unit.values.map((value) => [
                value.name,
                <span key={value.name} className={value.value === null ? "" : "mono"}>
                  {valueText(value)}
                </span>,
              ])}
            />
          </>
        )}
        <Labels unit={unit} />
        {open.map((job) => (
          <p key={job.id} className="job-line">
            <Badge state={job.state} /> job at {job.station}, {called("nest", job.nest)}, since{" "}
            {fullTime(job.createdAt, zone)}
          </p>
        ))}
      </section>
      <Answered query={dossier}>{(data) => <AsFlashed dossier={data} />}</Answered>
      {moments.length === 0 ? (
        <section className="card">
          <Empty title="Never attempted.">Its first scan at a station starts its history.</Empty>
        </section>
      ) : (
        <ol className="timeline">{moments.map(({ node }) => node)}</ol>
      )}
    </>
  );
}

/** What became of its labels, the latest first. */
function Labels({ unit: { labels = [] } }: { readonly unit: UnitDetail }) {
  const zone = usePlantZone();
  if (labels.length === 0) return null;
  return (
    <>
      <h3 className="next">Label</h3>
      <ul className="label-entries">
        {labels.map((entry) => (
          <li key={`${entry.attemptId} ${entry.at} ${entry.deed}`}>
            <span className="when">{fullTime(entry.at, zone)}</span>
            <span>
              {labelSentence(entry)}
              <span className="where">
                {" "}
                {entry.station}, {called("nest", entry.nest)}
                {entry.operator !== null && `, ${entry.operator}`}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** What a person did about it. */
function Done({ act: { at, what, by, reason } }: { readonly act: Act }) {
  const zone = usePlantZone();
  return (
    <li className="moment act">
      <span className="moment-at">{fullTime(at, zone)}</span>
      <p>
        <b>{what}</b> by {by.replace(/^(person|system) /, "")}
        {reason !== "" && `: ${reason}`}
      </p>
    </li>
  );
}

interface MomentProps {
  readonly attempt: AttemptDetail;
  /** It ended before the first erase: its job was cancelled. */
  readonly untouched: boolean;
  readonly number: number;
}

function Moment({ attempt, untouched, number }: MomentProps) {
  const zone = usePlantZone();
  const [open, setOpen] = useState(false);
  return (
    <li className={`moment ${attempt.outcome ?? "running"}`}>
      <span className="moment-at">{fullTime(attempt.receivedAt ?? attempt.startedAt, zone)}</span>
      <div className="card">
        <h3>
          <Badge state={attempt.outcome} />
          <Link to="/attempts/$id" params={{ id: attempt.id }}>
            Attempt {number}
          </Link>
          {attempt.code !== null && <span className="mono small">{attempt.code}</span>}
          <Blame blame={attempt.blame} />
          {attempt.virtual && <Tag>virtual</Tag>}
          <button
            type="button"
            className="b small"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {open ? "Less" : "Evidence"}
          </button>
        </h3>
        <p>
          {sayAttempt(attempt)}
          {untouched && " Nothing was erased; its job was cancelled."}
        </p>
        <Contradictions of={attempt.contradictions} />
        {open && <Evidence attempt={attempt} />}
      </div>
    </li>
  );
}
