import type { UnitView } from "@flashline/contract";
import { SegmentedControl, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { queries } from "../api/queries.ts";
import { Badge } from "../parts/Badge.tsx";
import { Blame } from "../parts/Blame.tsx";
import { PageHead, usePlantZone } from "../parts/PageHead.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { when } from "../parts/time.ts";

const TYPING_MS = 250;
const STATES = ["", "passed", "failed", "in work", "unknown", "new"];

export function UnitsPage() {
  const search = useSearch({ from: "/units" });
  const navigate = useNavigate({ from: "/units" });
  const zone = usePlantZone();
  const [text, setText] = useState(search.search ?? "");
  const units = useQuery(queries.units(search));

  useEffect(() => {
    const typed = text.trim() || undefined;
    if (typed === search.search) return;
    const timer = setTimeout(() => {
      void navigate({ search: (old) => ({ ...old, search: typed }), replace: true });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, search.search, navigate]);

  const filtered = search.search !== undefined || search.state !== undefined;
  return (
    <main>
      <PageHead title="Units" asOf={units.dataUpdatedAt} />
      <div className="filters">
        <TextInput
          type="search"
          aria-label="Search by serial"
          placeholder="Scan or type a serial"
          className="mono"
          data-autofocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <SegmentedControl
          aria-label="State"
          size="sm"
          value={search.state ?? ""}
          data={STATES.map((value) => ({
            value,
            label: value === "" ? "All" : value === "unknown" ? "not known" : value,
          }))}
          onChange={(value) =>
            void navigate({ search: (old) => ({ ...old, state: value || undefined }) })
          }
        />
      </div>
      <section className="card">
        <Answered query={units} lines={10}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title={filtered ? "No unit matches." : "No units yet."}>
                {filtered
                  ? "Check the serial, or choose another state."
                  : "Units come with an import of serials, or with their first scan where the product allows it."}
              </Empty>
            ) : (
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
                    {rows.map((unit) => (
                      <tr key={unit.id}>
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
                        <td className="r soft">
                          {unit.lastAt === null ? "–" : when(unit.lastAt, zone)}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
                {rows.length === 100 && (
                  <p className="hint">The first 100 are shown. Search to narrow them.</p>
                )}
              </div>
            )
          }
        </Answered>
      </section>
    </main>
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
