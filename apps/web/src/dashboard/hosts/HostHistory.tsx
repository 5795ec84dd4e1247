import { describeEntry, entryReason, type HostVerdicts, type HostView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { count, counted, pValue } from "../../shared/format.ts";
import { queries } from "../api/queries.ts";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { day, fullTime } from "../parts/time.ts";
import { EvidenceChart } from "./EvidenceChart.tsx";

/** How the evidence against a host grew, and what was decided about it. */
export function HostHistory({ host }: { readonly host: HostView }) {
  const zone = usePlantZone();
  const verdicts = useQuery(queries.hostVerdicts(host.id));
  return (
    <div className="two hosts">
      <Answered query={verdicts}>
        {(body) => (
          <EvidenceChart verdicts={body} zone={zone}>
            <Opinion opinion={body.secondOpinion} />
          </EvidenceChart>
        )}
      </Answered>
      <section className="card" aria-labelledby="history">
        <h2 id="history">History</h2>
        <Answered query={verdicts}>{(body) => <Entries history={body.history} />}</Answered>
      </section>
    </div>
  );
}

function Opinion({ opinion }: { readonly opinion: HostVerdicts["secondOpinion"] }) {
  if (opinion === null) return null;
  const { digits, exponent } = pValue(opinion.p);
  return (
    <p className="hint">
      Second opinion, a stratified exact test over 14 days: {count(opinion.observed)} of{" "}
      {counted(opinion.units, "unit")} lost the link, {opinion.expected.toFixed(1)} expected, p{" "}
      {digits}
      {exponent !== null && <sup>{exponent}</sup>}.
    </p>
  );
}

function Entries({ history }: Pick<HostVerdicts, "history">) {
  const zone = usePlantZone();
  if (history.length === 0) return <Empty title="Nothing was decided about this host yet." />;
  return (
    <ol className="history">
      {history.map((entry) => (
        <li key={entry.id}>
          <b>{describeEntry(entry)}</b>
          <span className="soft">
            {fullTime(entry.at, zone)}, {entry.by.replace(/^(person|system) /, "")}
          </span>
          <p>{entryReason(entry, (time) => day(time, zone))}</p>
          {entry.evidence !== null && entry.evidence.units.length > 0 && (
            <details>
              <summary>
                {counted(entry.evidence.units.length + entry.evidence.left, "unit")}, R{" "}
                {count(Math.round(entry.evidence.r))}
              </summary>
              <p className="mono small">
                {entry.evidence.units.map(({ serial }) => serial).join(", ")}
                {entry.evidence.left > 0 && ` and ${count(entry.evidence.left)} more`}
              </p>
              {entry.evidence.strata.map(({ name, units, incidents }) => (
                <p key={name} className="small">
                  {name}: {count(incidents)} of {counted(units, "unit")}
                </p>
              ))}
            </details>
          )}
        </li>
      ))}
    </ol>
  );
}
