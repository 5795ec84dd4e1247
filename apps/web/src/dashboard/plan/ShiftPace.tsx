import type { PaceView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import "../styles/plan.css";
import { count, duration } from "../../shared/format.ts";
import { useAllowed } from "../act/rights.ts";
import { queries } from "../api/queries.ts";
import { ErrorNote } from "../parts/states.tsx";
import { clock } from "../parts/time.ts";
import { atTheEnd, cycleWords, standing, standingWords, workTime } from "./say.ts";

interface OfLine {
  readonly plant: string;
  readonly line: string;
}

const hours = (at: string, zone: string): string => clock(at, zone).slice(0, 5);

/** One line in its shift, against its plan. Without a plan one quiet sentence; between shifts nothing. */
export function ShiftPace({ plant, line }: OfLine) {
  const { data: pace, error } = useQuery(queries.pace({ plant, line }));
  if (pace === undefined) return error === null ? null : <ErrorNote error={error} />;
  if (pace.shift === null) return null;
  const { shift, timeZone, plan } = pace;
  return (
    <section className="shift-pace" aria-label={`Shift ${shift.name}`}>
      <h2>
        Shift {shift.name}{" "}
        <span className="soft">
          {hours(shift.from, timeZone)}–{hours(shift.to, timeZone)}
        </span>
        {pace.virtual && <span className="soft"> · virtual units</span>}
      </h2>
      {plan === null ? <NoPlan plant={plant} line={line} /> : <Cards pace={pace} plan={plan} />}
    </section>
  );
}

function NoPlan({ plant, line }: OfLine) {
  const maySet = useAllowed("setPlans");
  return (
    <p className="soft no-plan">
      No plan for this shift.{" "}
      {maySet && (
        <Link to="/plans" search={{ plant, line }}>
          Set one
        </Link>
      )}
    </p>
  );
}

interface PlannedProps {
  readonly pace: PaceView;
  readonly plan: NonNullable<PaceView["plan"]>;
}

function Cards({ pace, plan }: PlannedProps) {
  const { name, value } = standing(plan);
  const { projected } = pace;
  return (
    <>
      <div className="pace">
        <div className="card">
          <span className="name">Made of the plan</span>
          <b>
            {count(plan.made)} <small>/ {count(plan.units)}</small>
          </b>
          <span className="under">should stand at {count(plan.due)} by now</span>
          <DueBar plan={plan} />
        </div>
        <div className={`card ${plan.ahead < 0 ? "behind" : ""}`}>
          <span className="name">{name}</span>
          <b>{value}</b>
          <span className="under">{workTime(plan.aheadMs)} of work</span>
        </div>
        <div className="card">
          <span className="name">Takt</span>
          <b>{duration(plan.taktMs)}</b>
          <span className="under">{cycleWords(pace)}</span>
        </div>
        <div className={`card ${projected === null ? "few" : ""}`}>
          <span className="name">At the shift's end</span>
          <b>{projected === null ? "–" : `about ${count(projected)}`}</b>
          <span className="under">{atTheEnd(pace)}</span>
        </div>
      </div>
      <Products pace={pace} />
    </>
  );
}

/** How much of the plan is made, with a mark where it should stand. */
function DueBar({ plan: { made, units, due } }: Pick<PlannedProps, "plan">) {
  const percent = (part: number) => `${Math.min(100, (part / units) * 100)}%`;
  return (
    <span className="progress due-bar" aria-hidden="true">
      <i style={{ width: percent(made) }} />
      <u style={{ left: percent(due) }} />
    </span>
  );
}

/** Of a plan by product each one; which comes when nobody has said. */
function Products({ pace: { products } }: Pick<PlannedProps, "pace">) {
  if (!products.some(({ units }) => units !== null)) return null;
  return (
    <ul className="chips plan-products">
      {products.map(({ product, made, units }) => (
        <li key={product}>
          <b>{product}</b> {count(made)}
          {units === null ? (
            <span className="soft"> not planned</span>
          ) : (
            <span className="soft"> of {count(units)}</span>
          )}
        </li>
      ))}
    </ul>
  );
}

/** The same beside a line's name, where several lines are shown. */
export function LineStanding({ plant, line }: OfLine) {
  const { data: pace } = useQuery(queries.pace({ plant, line }));
  if (pace === undefined || pace.shift === null || pace.plan === null) return null;
  const { plan } = pace;
  return (
    <span className={`line-standing ${plan.ahead < 0 ? "behind" : ""}`}>
      <Link to="/" search={{ plant, line }}>
        {count(plan.made)} of {count(plan.units)}
      </Link>
      , {standingWords(plan)}
    </span>
  );
}
