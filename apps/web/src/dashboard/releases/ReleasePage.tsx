import type { ReleaseView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { bytes, count } from "../../shared/format.ts";
import { queries } from "../api/queries.ts";
import { Badge } from "../parts/Badge.tsx";
import { Facts } from "../parts/Facts.tsx";
import { PageHead, usePlantZone } from "../parts/PageHead.tsx";
import { Answered } from "../parts/states.tsx";
import { fullTime } from "../parts/time.ts";
import { RecipeCard } from "./RecipeCard.tsx";
import { ReleaseActions } from "./ReleaseActions.tsx";
import { WithoutServer } from "./WithoutServer.tsx";

export function ReleasePage() {
  const { id } = useParams({ from: "/releases/$id" });
  const release = useQuery(queries.release(id));
  const title =
    release.data === undefined ? "Release" : `${release.data.product} ${release.data.version}`;
  return (
    <main>
      <PageHead title={title} asOf={release.dataUpdatedAt} />
      <Answered query={release} missing="There is no such release.">
        {(data) => <Detail release={data} />}
      </Answered>
    </main>
  );
}

function Detail({ release }: { readonly release: ReleaseView }) {
  const zone = usePlantZone();
  return (
    <>
      <section className={`card verdict ${release.state === "revoked" ? "bad" : ""}`}>
        <h2>
          <Badge state={release.state} /> <Badge state={`check.${release.check}`} />
          <span className="space" />
          <ReleaseActions release={release} />
        </h2>
        {release.checkMessage !== null && (
          <p className="say">
            {release.checkMessage} <span className="mono small">{release.checkCode}</span>
          </p>
        )}
        {release.revokedReason !== null && <p className="say">Revoked: {release.revokedReason}</p>}
        <Facts
          items={[
            ["Units passed", count(release.passed)],
            ["Units failed", count(release.failed)],
            ["Chip", release.chip],
            [
              "Board revisions",
              release.boardRevisions.length === 0 ? "all" : release.boardRevisions.join(", "),
            ],
            ["Counter", String(release.counter)],
            [
              "Signed by key",
              <span key="k" className="mono">
                {release.keyId}
              </span>,
            ],
            ["Published", `${fullTime(release.createdAt, zone)} by ${release.createdBy}`],
            ["Released", release.releasedAt === null ? null : fullTime(release.releasedAt, zone)],
            ["Revoked", release.revokedAt === null ? null : fullTime(release.revokedAt, zone)],
            [
              "Manifest",
              <span key="m" className="mono small wrap">
                {release.manifestSha256}
              </span>,
            ],
          ]}
        />
      </section>
      <WithoutServer release={release} />
      <RecipeCard recipe={release.recipe} />
      <section className="card">
        <h2>Images</h2>
        <div className="scroll">
          <table className="table">
            <thead>
              <tr>
                <th>Name</th>
                <th>Format</th>
                <th className="r">Size</th>
                <th>SHA-256</th>
              </tr>
            </thead>
            <tbody>
              {release.images.map((image) => (
                <tr key={image.sha256}>
                  <td>{image.name}</td>
                  <td>{image.format ?? "not known yet"}</td>
                  <td className="r">{bytes(image.size)}</td>
                  <td className="mono small wrap">{image.sha256}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </>
  );
}
