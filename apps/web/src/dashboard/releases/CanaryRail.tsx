import { type CanaryView, describeEvidence, type ReleaseView } from "@flashline/contract";
import { count } from "../../shared/format.ts";
import { Icon } from "../../shared/icons.tsx";
import { usePlantZone } from "../parts/PageHead.tsx";
import { fullTime, when } from "../parts/time.ts";
import { evidencePlace, STEPS, stepOf } from "./rail.ts";

/** Where a release stands on its way from a draft to every station. */
export function CanaryRail({ release }: { readonly release: ReleaseView }) {
  const at = stepOf(release);
  const looks = STEPS.map((step, index) => {
    if (index === at.index) return at.tone;
    if (index > at.index) return "";
    return step === "Canary" && release.canary === null ? "skipped" : "done";
  });
  return (
    <section className="card rail-card" aria-label="Way to the line">
      <ol className="rail">
        {STEPS.map((step, index) => (
          <li
            key={step}
            className={looks[index]}
            aria-current={index === at.index ? "step" : undefined}
          >
            <i aria-hidden="true">
              {looks[index] === "done" ? (
                <Icon name="check" size={13} />
              ) : looks[index] === "bad" ? (
                <Icon name="barred" size={13} />
              ) : (
                index + 1
              )}
            </i>
            <span>
              {index === at.index ? at.word : looks[index] === "skipped" ? "No canary" : step}
            </span>
          </li>
        ))}
      </ol>
      {release.canary !== null && <Canary canary={release.canary} state={release.state} />}
    </section>
  );
}

function Canary({ canary, state }: { readonly canary: CanaryView; readonly state: string }) {
  const zone = usePlantZone();
  const { used, units, stations, predecessor, evidence, pausedReason, pausedAt } = canary;
  const place = evidencePlace(evidence);
  return (
    <>
      {state === "paused" && pausedReason !== null && (
        <p className="note bad">
          <Icon name="barred" />
          <span>
            <b>
              Paused {canary.pausedOrigin === "guard" ? "by its evidence" : `by ${canary.pausedBy}`}
              {pausedAt !== null && `, ${when(pausedAt, zone)}`}.
            </b>{" "}
            {pausedReason}
          </span>
        </p>
      )}
      <div className="canary">
        <div>
          <h2>First units</h2>
          <p className="big">
            <b>{count(used)}</b> of {count(units)} have it
          </p>
          <div
            className="order-bar"
            role="progressbar"
            aria-label="Units that have the canary"
            aria-valuemin={0}
            aria-valuemax={units}
            aria-valuenow={used}
          >
            <i className="done" style={{ width: `${Math.min(1, used / units) * 100}%` }} />
          </div>
          <p className="soft small">
            At {stations.join(", ")}; everybody else has {predecessor}. Since{" "}
            {fullTime(canary.startedAt, zone)} by {canary.startedBy}: “{canary.reason}”
          </p>
        </div>
        <div>
          <h2>Evidence against it</h2>
          <p className="big">
            <b>{count(evidence.failed)}</b> of {count(evidence.units)} failed by its fault
          </p>
          <div
            className={`evidence-bar ${place >= 1 ? "over" : ""}`}
            role="img"
            aria-label={`Evidence ${evidence.value.toFixed(1)}; paused from ${evidence.pauseAt} on`}
          >
            <i style={{ left: `${place * 100}%` }} />
            <span>no worse</span>
            <span>paused from {evidence.pauseAt}</span>
          </div>
          <p className="soft small">
            {describeEvidence(evidence, predecessor)}
            {evidence.waiting > 0 && ` ${count(evidence.waiting)} wait to be judged.`}
          </p>
        </div>
      </div>
    </>
  );
}
