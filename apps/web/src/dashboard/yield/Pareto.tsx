import type { YieldView } from "@flashline/contract";
import { count, percent } from "../../shared/format.ts";
import { meaningOf } from "../../shared/meaning.ts";
import { Blame } from "../parts/Blame.tsx";
import { Empty } from "../parts/states.tsx";
import { withRunningShare } from "./say.ts";

const SHOWN = 7;

export function Pareto({ rows }: { readonly rows: YieldView["pareto"] }) {
  if (rows.length === 0) return <Empty title="No unit failed at its first try today." />;
  const all = withRunningShare(rows);
  const most = all[0]?.units ?? 1;
  return (
    <ol className="pareto">
      {all.slice(0, SHOWN).map((row) => (
        <li key={row.code} title={meaningOf(row.code)}>
          <span className="mono code">{row.code}</span>
          <Blame blame={row.blame} />
          <span className="units">
            {count(row.units)} <span className="running">{percent(row.running)}</span>
          </span>
          <span className={`bar ${row.blame === "host" ? "by-host" : ""}`}>
            <i style={{ width: `${(row.units / most) * 100}%` }} />
          </span>
          <span className="meaning">{meaningOf(row.code)}</span>
        </li>
      ))}
      {all.length > SHOWN && (
        <li className="rest">
          {count(all.slice(SHOWN).reduce((sum, row) => sum + row.units, 0))} more in{" "}
          {all.length - SHOWN} other codes
        </li>
      )}
    </ol>
  );
}
