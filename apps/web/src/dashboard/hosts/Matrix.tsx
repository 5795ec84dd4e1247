import type { HostsView } from "@flashline/contract";
import { count, percent } from "../../shared/format.ts";
import { Scroll } from "../parts/Scroll.tsx";
import { matrixOf, PROFILES } from "./order.ts";

const ENOUGH = 20;

export function Matrix({ cells }: { readonly cells: HostsView["byController"] }) {
  const rows = matrixOf(cells);
  const others = cells.map((cell) => cell.profile).filter((name) => !isListed(name));
  const profiles = [...PROFILES, ...new Set(others)];
  return (
    <Scroll label="Link incidents by controller and profile">
      <table className="matrix">
        <thead>
          <tr>
            <th>Controller</th>
            {profiles.map((profile) => (
              <th key={profile}>{profile}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <th scope="row" title={row.controllerName}>
                <span className="mono small">{row.controller}</span>
                <span className="soft">{row.behindHub ? "behind a hub" : "direct"}</span>
              </th>
              {profiles.map((profile) => (
                <Cell key={profile} value={row.cells[profile]?.linkIncidents} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

const isListed = (name: string): boolean => PROFILES.some((profile) => profile === name);

function Cell({
  value,
}: {
  readonly value: HostsView["byController"][number]["linkIncidents"] | undefined;
}) {
  if (value === undefined || value.share === null || value.n === 0)
    return <td className="none">–</td>;
  return (
    <td className={levelOf(value)}>
      {percent(value.share)}
      <small>n {count(value.n)}</small>
    </td>
  );
}

/** Steps rather than a gradient, so that two cells of one colour mean the same. */
function levelOf(value: { readonly share: number | null; readonly n: number }): string {
  if (value.n < ENOUGH || value.share === null) return "few";
  if (value.share >= 0.15) return "high";
  if (value.share >= 0.08) return "middle";
  return value.share >= 0.04 ? "slight" : "low";
}
