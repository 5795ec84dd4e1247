import { NativeSelect, SegmentedControl } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { queries } from "../api/queries.ts";
import { allowed } from "../parts/allowed.ts";
import { PageHead, usePlantZone } from "../parts/PageHead.tsx";
import { ShowMore } from "../parts/ShowMore.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { AttemptTable } from "./AttemptTable.tsx";

interface Choice {
  readonly value: string;
  readonly label: string;
}

/** Who was erased, and everybody for whom may not see people, is in no list: a link may ask for their attempts all the same. */
const unlisted = (asked: string | undefined, listed: readonly Choice[]): readonly Choice[] =>
  asked === undefined || listed.some(({ value }) => value === asked)
    ? []
    : [{ value: asked, label: "One operator" }];

export function AttemptsPage() {
  const search = useSearch({ from: "/attempts" });
  const navigate = useNavigate({ from: "/attempts" });
  const zone = usePlantZone();
  const attempts = useInfiniteQuery(queries.attempts(search));
  const stations = useQuery(queries.stations());
  const hosts = useQuery(queries.hosts());
  const names = (stations.data ?? []).map((station) => station.name);
  const { data: session } = useQuery(queries.session());
  const people = useQuery({ ...queries.people(), enabled: allowed(session?.role, "people") });
  const operators = (people.data ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const places = (hosts.data?.hosts ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const filtered = Object.values(search).some((value) => value !== undefined);
  return (
    <main>
      <PageHead title="Attempts" asOf={attempts.dataUpdatedAt} />
      <div className="filters">
        <SegmentedControl
          aria-label="Outcome"
          size="sm"
          value={search.outcome ?? ""}
          data={[
            { value: "", label: "All" },
            { value: "PASS", label: "✓ PASS" },
            { value: "FAIL", label: "✕ FAIL" },
          ]}
          onChange={(value) => {
            const outcome = value === "PASS" || value === "FAIL" ? value : undefined;
            void navigate({ search: (old) => ({ ...old, outcome }) });
          }}
        />
        <NativeSelect
          aria-label="Station"
          size="sm"
          value={search.station ?? ""}
          data={[{ value: "", label: "All stations" }, ...names]}
          onChange={(event) => {
            const station = event.currentTarget.value || undefined;
            void navigate({ search: (old) => ({ ...old, station }) });
          }}
        />
        <NativeSelect
          aria-label="Host"
          size="sm"
          value={search.host ?? ""}
          data={[{ value: "", label: "All hosts" }, ...places]}
          onChange={(event) => {
            const host = event.currentTarget.value || undefined;
            void navigate({ search: (old) => ({ ...old, host }) });
          }}
        />
        <NativeSelect
          aria-label="Operator"
          size="sm"
          value={search.operator ?? ""}
          data={[
            { value: "", label: "All operators" },
            ...operators,
            ...unlisted(search.operator, operators),
          ]}
          onChange={(event) => {
            const operator = event.currentTarget.value || undefined;
            void navigate({ search: (old) => ({ ...old, operator }) });
          }}
        />
      </div>
      <section className="card">
        <Answered query={attempts} lines={10}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title={filtered ? "No attempt matches these filters." : "No attempts yet."}>
                {filtered
                  ? "Choose other filters."
                  : "Scan a unit at a station and press START; its attempt appears here."}
              </Empty>
            ) : (
              <>
                <AttemptTable rows={rows} zone={zone} />
                <ShowMore shown={rows.length} query={attempts} />
              </>
            )
          }
        </Answered>
      </section>
    </main>
  );
}
