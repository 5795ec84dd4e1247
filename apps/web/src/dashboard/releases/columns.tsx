import type { ReleaseView } from "@flashline/contract";
import { Link } from "@tanstack/react-router";
import { bytes, count, shortDigest } from "../../shared/format.ts";
import type { Column } from "../act/DataTable.tsx";
import { Badge, Tag } from "../parts/Badge.tsx";
import { when } from "../parts/time.ts";
import type { LongColumn } from "../table/column.ts";
import { ReleaseActions } from "./ReleaseActions.tsx";

export const releaseColumns = (zone: string | undefined): readonly LongColumn<ReleaseView>[] => [
  {
    id: "state",
    name: "State",
    width: 18,
    shown: "always",
    cell: (release) => (
      <>
        <Badge state={release.state} />
        {(release.state === "draft" || release.check !== "passed") && <Check release={release} />}
      </>
    ),
  },
  {
    id: "version",
    name: "Version",
    width: 16,
    sort: "version",
    shown: "always",
    cell: (release) => <Version release={release} />,
  },
  {
    id: "product",
    name: "Product",
    width: 9,
    sort: "product",
    cell: ({ product }) => product,
  },
  {
    id: "images",
    name: "Images",
    width: 18,
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
  { id: "chip", name: "Chip", width: 13, cell: ({ chip }) => chip },
  {
    id: "passed",
    name: "Passed",
    width: 9,
    isFigure: true,
    cell: ({ passed }) => count(passed),
  },
  {
    id: "failed",
    name: "Failed",
    width: 7,
    isFigure: true,
    cell: ({ failed }) => count(failed),
  },
  {
    id: "created",
    name: "Published",
    width: 12,
    sort: "created",
    isFigure: true,
    className: "soft",
    cell: ({ createdAt }) => when(createdAt, zone),
  },
  {
    id: "actions",
    name: "Actions",
    width: 19,
    shown: "always",
    cell: (release) => (
      <span className="row-acts">
        <ReleaseActions release={release} />
      </span>
    ),
  },
];

function Version({ release }: { readonly release: ReleaseView }) {
  const { id, version, counter, channels, canary, state } = release;
  return (
    <>
      <Link to="/releases/$id" params={{ id }}>
        <b>{version}</b>
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
  );
}

/** What the check found; a release could not be released without it, so only the others say it. */
function Check({ release }: { readonly release: ReleaseView }) {
  return (
    <div className="check">
      <Badge state={`check.${release.check}`} />
    </div>
  );
}

export const RELEASES_FILE: readonly Column<ReleaseView>[] = [
  {
    name: "State",
    csv: ({ state, check }) => (check === "passed" ? state : `${state}, check ${check}`),
  },
  { name: "Product", csv: ({ product }) => product },
  { name: "Version", csv: ({ version }) => version },
  { name: "Counter", csv: ({ counter }) => counter },
  { name: "Channels", csv: ({ channels }) => channels.join(" ") },
  { name: "Images", csv: ({ images }) => images.map(({ name }) => name).join(" ") },
  { name: "Chip", csv: ({ chip }) => chip },
  { name: "Passed", csv: ({ passed }) => passed },
  { name: "Failed", csv: ({ failed }) => failed },
  { name: "Published", csv: ({ createdAt }) => createdAt },
];
