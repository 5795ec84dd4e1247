import type { UnitView } from "@flashline/contract";
import { Link } from "@tanstack/react-router";
import { Badge } from "../parts/Badge.tsx";
import { Blame } from "../parts/Blame.tsx";
import { when } from "../parts/time.ts";

export function UnitTable(props: {
  readonly rows: readonly UnitView[];
  readonly zone: string | undefined;
}) {
  return (
    <div className="scroll">
      <table className="table">
        <thead>
          <tr>
            <th>State</th>
            <th>Serial</th>
            <th>Product</th>
            <th>Last attempt</th>
            <th>Board</th>
            <th>Batch</th>
            <th className="r">Attempts</th>
            <th className="r">At</th>
          </tr>
        </thead>
        <tbody>
          {props.rows.map((unit) => (
            <Row key={unit.id} unit={unit} zone={props.zone} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ unit, zone }: { readonly unit: UnitView; readonly zone: string | undefined }) {
  return (
    <tr>
      <td>
        <Badge state={unit.state} />
      </td>
      <td>
        <Link to="/units/$id" params={{ id: unit.id }} className="mono">
          {unit.serial}
        </Link>
      </td>
      <td>{unit.product}</td>
      <td className="what">
        <LastAttempt last={unit.last} />
      </td>
      <td>{unit.boardRevision ?? "–"}</td>
      <td>{unit.batch ?? "–"}</td>
      <td className="r">{unit.attempts}</td>
      <td className="r soft">{unit.lastAt === null ? "–" : when(unit.lastAt, zone)}</td>
    </tr>
  );
}

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
