import { type AttemptView, describeContradiction } from "@flashline/contract";
import { Link } from "@tanstack/react-router";
import { duration } from "../../shared/format.ts";
import { Icon } from "../../shared/icons.tsx";
import { meaningOf } from "../../shared/meaning.ts";
import { Badge, Tag } from "../parts/Badge.tsx";
import { Blame } from "../parts/Blame.tsx";
import { when } from "../parts/time.ts";

interface Props {
  readonly rows: readonly AttemptView[];
  readonly zone: string | undefined;
}

export function AttemptTable({ rows, zone }: Props) {
  return (
    <div className="scroll">
      <table className="table">
        <thead>
          <tr>
            <th>State</th>
            <th>Unit</th>
            <th>Station</th>
            <th>What happened</th>
            <th>Release</th>
            <th className="profile">Profile</th>
            <th className="r">Time</th>
            <th className="r">At</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td>
                <Link to="/attempts/$id" params={{ id: row.id }} className="plain-link">
                  <Badge state={row.outcome} />
                </Link>
              </td>
              <td>
                <Link to="/attempts/$id" params={{ id: row.id }} className="mono">
                  {row.serial}
                </Link>{" "}
                {row.virtual && <Tag title="A virtual unit, no real board">virtual</Tag>}
              </td>
              <td>
                {row.station} <span className="soft">nest {row.nest}</span>
              </td>
              <td className="what">
                <What row={row} />
              </td>
              <td>{row.version}</td>
              <td className="soft profile">
                {row.profile === row.startProfile
                  ? row.profile
                  : `${row.startProfile} → ${row.profile}`}
              </td>
              <td className="r">{row.durationMs === null ? "–" : duration(row.durationMs)}</td>
              <td className="r soft">{when(row.receivedAt ?? row.startedAt, zone)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

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
