import type { ReleaseSort } from "@flashline/contract";
import { NativeSelect } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { CsvButton } from "../act/DataTable.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { allRows } from "../api/all-rows.ts";
import { call } from "../api/client.ts";
import { queries } from "../api/queries.ts";
import { Answered, Empty } from "../parts/states.tsx";
import { LongTable } from "../table/LongTable.tsx";
import { useColumns } from "../table/use-columns.ts";
import { RELEASES_FILE, releaseColumns } from "./columns.tsx";
import { ReleaseTabs } from "./Tabs.tsx";

export function ReleasesPage() {
  const search = useSearch({ from: "/releases" });
  const navigate = useNavigate({ from: "/releases" });
  const { product, sort } = search;
  const products = useQuery(queries.products());
  const releases = useInfiniteQuery(queries.releases(search));
  const columns = useColumns(releaseColumns);
  const change = (to: Partial<typeof search>): void =>
    void navigate({ search: (old) => ({ ...old, ...to }), replace: true });
  return (
    <ManagePage title="Releases" asOf={releases.dataUpdatedAt}>
      <ReleaseTabs />
      <div className="filters">
        <NativeSelect
          aria-label="Of which product"
          value={product ?? ""}
          onChange={({ currentTarget: { value } }) =>
            change({ product: value === "" ? undefined : value })
          }
          data={[
            { value: "", label: "All products" },
            // An address may name one that there is not: it is shown as it is.
            ...[
              ...new Set([
                ...(products.data ?? []).map(({ name }) => name),
                ...(product === undefined ? [] : [product]),
              ]),
            ].map((name) => ({ value: name, label: name })),
          ]}
        />
      </div>
      <section className="card" aria-label="Releases">
        <Answered query={releases} lines={10}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty
                title={product === undefined ? "No releases yet." : `No release of ${product} yet.`}
              >
                Publish a signed one with <span className="mono">flashline release publish</span>.
              </Empty>
            ) : (
              <LongTable
                name="Releases"
                rows={rows}
                columns={columns}
                sort={sort}
                usual="-created"
                onSort={(next) => change({ sort: next as ReleaseSort | undefined })}
                query={releases}
              >
                <CsvButton
                  name="Releases"
                  rows={rows}
                  columns={RELEASES_FILE}
                  all={() =>
                    allRows(
                      async (page) =>
                        (await call("releases", { query: { ...search, ...page } })).body,
                    )
                  }
                />
              </LongTable>
            )
          }
        </Answered>
      </section>
    </ManagePage>
  );
}
