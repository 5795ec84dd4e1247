import type { YieldView } from "@flashline/contract";
import { SegmentedControl } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { count, percent } from "../../shared/format.ts";
import { meaningOf } from "../../shared/meaning.ts";
import { Blame } from "../parts/Blame.tsx";
import { ChartFrame } from "../parts/chart/ChartFrame.tsx";
import type { Selection } from "../selection/selection.ts";
import { type ParetoRow, withRunningShare } from "./say.ts";

const SHOWN = 7;

interface Props {
  readonly view: YieldView;
  readonly selection: Selection;
}

/** Why units failed: a unit once by its first try, or every failed attempt. */
export function Pareto({ view, selection }: Props) {
  const [of, setOf] = useState<"units" | "attempts">("units");
  const { pareto, paretoAttempts } = view;
  const rows: readonly ParetoRow[] =
    of === "units"
      ? pareto.map(({ units, ...row }) => ({ ...row, n: units }))
      : (paretoAttempts ?? []).map(({ attempts, ...row }) => ({ ...row, n: attempts }));
  const all = withRunningShare(rows);
  return (
    <ChartFrame
      title="Why they failed"
      hint={
        of === "units"
          ? "Units by the code of their first try, and the running share. Striped: blamed on the host."
          : "All failed attempts by code, and the running share. Striped: blamed on the host."
      }
      empty={of === "units" ? "No unit failed at its first try." : "No attempt failed."}
      table={{
        columns: ["code", "blame", of, "share", "running share"],
        rows: all.map((row) => [row.code, row.blame, row.n, row.share, row.running]),
      }}
      tools={
        paretoAttempts !== undefined && (
          <SegmentedControl
            aria-label="What is counted"
            size="xs"
            value={of}
            data={[
              { value: "units", label: "Units" },
              { value: "attempts", label: "Attempts" },
            ]}
            onChange={(value) => setOf(value === "attempts" ? "attempts" : "units")}
          />
        )
      }
    >
      <ol className="pareto">
        {all.slice(0, SHOWN).map((row) => (
          <li key={`${row.code} ${row.blame}`} title={meaningOf(row.code)}>
            <Link
              className="mono code"
              to="/attempts"
              search={{
                ...selection,
                only: of === "units" ? "first" : "counted",
                outcome: "FAIL",
                code: row.code,
              }}
            >
              {row.code}
            </Link>
            <Blame blame={row.blame} />
            <span className="units">
              {count(row.n)} <span className="running">{percent(row.running)}</span>
            </span>
            <span className={`bar ${row.blame === "host" ? "by-host" : ""}`}>
              <i style={{ width: `${(row.n / (all[0]?.n ?? 1)) * 100}%` }} />
            </span>
            <span className="meaning">{meaningOf(row.code)}</span>
          </li>
        ))}
        {all.length > SHOWN && (
          <li className="rest">
            {count(all.slice(SHOWN).reduce((sum, row) => sum + row.n, 0))} more in{" "}
            {all.length - SHOWN} other codes: see the table
          </li>
        )}
      </ol>
    </ChartFrame>
  );
}
