import type { ReleaseView } from "@flashline/contract";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { bytes, count, shortDigest } from "../../shared/format.ts";
import { queries } from "../api/queries.ts";
import { Badge } from "../parts/Badge.tsx";
import { PageHead, usePlantZone } from "../parts/PageHead.tsx";
import { ShowMore } from "../parts/ShowMore.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { when } from "../parts/time.ts";
import { ReleaseActions } from "./ReleaseActions.tsx";

export function ReleasesPage() {
  const { product } = useSearch({ from: "/releases" });
  const zone = usePlantZone();
  const releases = useInfiniteQuery(queries.releases(product));
  return (
    <main>
      <PageHead title="Releases" asOf={releases.dataUpdatedAt} />
      <section className="card">
        <Answered query={releases}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title="No releases yet.">
                Publish a signed one with <span className="mono">flashline release publish</span>.
              </Empty>
            ) : (
              <div className="scroll">
                <table className="table">
                  <thead>
                    <tr>
                      <th>State</th>
                      <th>Release</th>
                      <th>Images</th>
                      <th>Chip</th>
                      <th className="r">Passed</th>
                      <th className="r">Failed</th>
                      <th className="r">Published</th>
                      <th>
                        <span className="unseen">Actions</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {rows.map((release) => (
                      <Row key={release.id} release={release} zone={zone} />
                    ))}
                  </tbody>
                </table>
                <ShowMore shown={rows.length} query={releases} />
              </div>
            )
          }
        </Answered>
      </section>
    </main>
  );
}

function Row({
  release,
  zone,
}: {
  readonly release: ReleaseView;
  readonly zone: string | undefined;
}) {
  return (
    <tr>
      <td>
        <Badge state={release.state} />
        {(release.state === "draft" || release.check !== "passed") && <Check release={release} />}
      </td>
      <td>
        <Link to="/releases/$id" params={{ id: release.id }}>
          <b>
            {release.product} {release.version}
          </b>
        </Link>{" "}
        <span className="soft">no. {release.counter}</span>
      </td>
      <td>
        {release.images.map((image) => (
          <div key={image.sha256} className="image">
            <span className="name">{image.name}</span>
            <span className="soft small">
              <span className="mono">{shortDigest(image.sha256)}</span> {bytes(image.size)}
            </span>
          </div>
        ))}
      </td>
      <td>{release.chip}</td>
      <td className="r">{count(release.passed)}</td>
      <td className="r">{count(release.failed)}</td>
      <td className="r soft">{when(release.createdAt, zone)}</td>
      <td className="r">
        <ReleaseActions release={release} />
      </td>
    </tr>
  );
}

/** What the check found; a release could not be released without it, so only the others say it. */
function Check({ release }: { readonly release: ReleaseView }) {
  return (
    <div className="check">
      <Badge state={`check.${release.check}`} />
      {release.checkCode !== null && (
        <div className="mono small" title={release.checkMessage ?? undefined}>
          {release.checkCode}
        </div>
      )}
    </div>
  );
}
