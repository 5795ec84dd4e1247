import type { ReleaseView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { bytes, count } from "../../shared/format.ts";
import { ManagePage } from "../act/ManagePage.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { queries } from "../api/queries.ts";
import { Badge, Tag } from "../parts/Badge.tsx";
import { Facts } from "../parts/Facts.tsx";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Answered } from "../parts/states.tsx";
import { day, fullTime } from "../parts/time.ts";
import { Against } from "./Against.tsx";
import { PauseCanary, ResumeCanary, StartCanary } from "./CanaryActs.tsx";
import { CanaryRail } from "./CanaryRail.tsx";
import { CheckList } from "./CheckList.tsx";
import { FirstUnits } from "./FirstUnits.tsx";
import { Reach } from "./Reach.tsx";
import { RecipeCard } from "./RecipeCard.tsx";
import { ReleaseActions, Withdraw } from "./ReleaseActions.tsx";
import { WithoutServer } from "./WithoutServer.tsx";

export function ReleasePage() {
  const { id } = useParams({ from: "/releases/$id" });
  const release = useQuery(queries.release(id));
  const title =
    release.data === undefined ? "Release" : `${release.data.product} ${release.data.version}`;
  return (
    <ManagePage
      title={title}
      asOf={release.dataUpdatedAt}
      acts={
        release.data !== undefined && (
          <>
            <StartCanary release={release.data} />
            <ResumeCanary release={release.data} />
            <PauseCanary release={release.data} />
            <ReleaseActions release={release.data} />
            <Withdraw release={release.data} />
          </>
        )
      }
    >
      <Answered query={release} missing="There is no such release.">
        {(data) => <Detail release={data} />}
      </Answered>
    </ManagePage>
  );
}

function Detail({ release }: { readonly release: ReleaseView }) {
  const isOpen = release.state === "draft" || release.state === "canary";
  const hasUnits = release.passed + release.failed > 0 || release.canary !== null;
  return (
    <>
      <CanaryRail release={release} />
      <div className="two even">
        <Summary release={release} />
        <CheckList release={release} />
      </div>
      {isOpen && release.check === "passed" && <Reach release={release} />}
      {hasUnits && <Against release={release} />}
      {hasUnits && <FirstUnits release={release} />}
      <WithoutServer release={release} />
      <RecipeCard recipe={release.recipe} />
      <TableCard
        title="Images"
        name={`Images of ${release.product} ${release.version}`}
        rows={release.images}
        keyOf={({ sha256 }) => sha256}
        columns={[
          { name: "Name", csv: ({ name }) => name, cell: ({ name }) => name },
          {
            name: "Format",
            csv: ({ format }) => format,
            cell: ({ format }) => format ?? "not known yet",
          },
          {
            name: "Size",
            csv: ({ size }) => size,
            cell: ({ size }) => bytes(size),
            isFigure: true,
          },
          {
            name: "SHA-256",
            csv: ({ sha256 }) => sha256,
            cell: ({ sha256 }) => <span className="mono small">{sha256}</span>,
            className: "wrap",
          },
        ]}
        empty={["It has no images."]}
      />
    </>
  );
}

function Summary({ release }: { readonly release: ReleaseView }) {
  const zone = usePlantZone();
  return (
    <section className={`card verdict ${release.state === "revoked" ? "bad" : ""}`}>
      <h2>
        <Badge state={release.state} /> <Badge state={`check.${release.check}`} />
        {release.channels.map((channel) => (
          <Tag key={channel}>{`channel ${channel}`}</Tag>
        ))}
      </h2>
      {release.revokedReason !== null && <p className="say">Revoked: {release.revokedReason}</p>}
      <Facts
        items={[
          [
            "Product",
            <Link key="p" to="/products/$name" params={{ name: release.product }}>
              {release.product}
            </Link>,
          ],
          ["Units passed", count(release.passed)],
          ["Units failed", count(release.failed)],
          ["Chip", release.chip],
          ["Counter", String(release.counter)],
          ["Expires", release.expiresAt === null ? null : day(release.expiresAt, zone)],
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
  );
}
