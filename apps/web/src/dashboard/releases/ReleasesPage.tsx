import type { ReleaseView } from "@flashline/contract";
import { NativeSelect } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { bytes, count, shortDigest } from "../../shared/format.ts";
import type { Column } from "../act/DataTable.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { queries } from "../api/queries.ts";
import { Badge, Tag } from "../parts/Badge.tsx";
import { usePlantZone } from "../parts/PageHead.tsx";
import { ShowMore } from "../parts/ShowMore.tsx";
import { Answered } from "../parts/states.tsx";
import { when } from "../parts/time.ts";
import { ReleaseActions } from "./ReleaseActions.tsx";
import { ReleaseTabs } from "./Tabs.tsx";

export function ReleasesPage() {
  const { product } = useSearch({ from: "/releases" });
  const navigate = useNavigate();
  const zone = usePlantZone();
  const products = useQuery(queries.products());
  const releases = useInfiniteQuery(queries.releases(product));
  return (
    <ManagePage title="Releases" asOf={releases.dataUpdatedAt}>
      <ReleaseTabs />
      <div className="filters">
        <NativeSelect
          aria-label="Of which product"
          value={product ?? ""}
          onChange={(event) => {
            const { value } = event.currentTarget;
            void navigate({
              to: "/releases",
              search: { product: value === "" ? undefined : value },
              replace: true,
            });
          }}
          data={[
            { value: "", label: "All products" },
            ...(products.data ?? []).map(({ name }) => ({ value: name, label: name })),
          ]}
        />
      </div>
      <Answered query={releases}>
        {(rows) => (
          <TableCard
            title="Releases"
            rows={rows}
            keyOf={({ id }) => id}
            columns={columnsOf(zone)}
            empty={[
              "No releases yet.",
              <>
                Publish a signed one with <span className="mono">flashline release publish</span>.
              </>,
            ]}
            below={<ShowMore shown={rows.length} query={releases} />}
          />
        )}
      </Answered>
    </ManagePage>
  );
}

const columnsOf = (zone: string | undefined): readonly Column<ReleaseView>[] => [
  {
    name: "State",
    csv: ({ state, check }) => (check === "passed" ? state : `${state}, check ${check}`),
    cell: (release) => (
      <>
        <Badge state={release.state} />
        {(release.state === "draft" || release.check !== "passed") && <Check release={release} />}
      </>
    ),
  },
  {
    name: "Release",
    csv: ({ product, version }) => `${product} ${version}`,
    cell: ({ id, product, version, counter, channels, canary, state }) => (
      <>
        <Link to="/releases/$id" params={{ id }}>
          <b>
            {product} {version}
          </b>
        </Link>{" "}
        <span className="soft">no. {counter}</span>{" "}
        {channels.map((channel) => (
          <Tag key={channel}>{channel}</Tag>
        ))}
        {canary !== null && (state === "canary" || state === "paused") && (
          <div className="soft small">
            {count(canary.used)} of {count(canary.units)} units have it
          </div>
        )}
      </>
    ),
  },
  { name: "Channels", csv: ({ channels }) => channels.join(" ") },
  {
    name: "Images",
    csv: ({ images }) => images.map(({ name }) => name).join(" "),
    cell: ({ images }) =>
      images.map((image) => (
        <div key={image.sha256} className="image">
          <span className="name">{image.name}</span>
          <span className="soft small">
            <span className="mono">{shortDigest(image.sha256)}</span> {bytes(image.size)}
          </span>
        </div>
      )),
  },
  { name: "Chip", csv: ({ chip }) => chip, cell: ({ chip }) => chip },
  {
    name: "Passed",
    csv: ({ passed }) => passed,
    cell: ({ passed }) => count(passed),
    isFigure: true,
  },
  {
    name: "Failed",
    csv: ({ failed }) => failed,
    cell: ({ failed }) => count(failed),
    isFigure: true,
  },
  {
    name: "Published",
    csv: ({ createdAt }) => createdAt,
    cell: ({ createdAt }) => <span className="soft">{when(createdAt, zone)}</span>,
    isFigure: true,
  },
  {
    name: "Actions",
    cell: (release) => (
      <span className="row-acts">
        <ReleaseActions release={release} />
      </span>
    ),
  },
];

/** What the check found; a release could not be released without it, so only the others say it. */
function Check({ release }: { readonly release: ReleaseView }) {
  return (
    <div className="check">
      <Badge state={`check.${release.check}`} />
    </div>
  );
}
