import { type AttemptDetail, called, type UnitDossier } from "@flashline/contract";
import { Link } from "@tanstack/react-router";
import { bytes } from "../../shared/format.ts";
import { Badge } from "../parts/Badge.tsx";
import { Facts } from "../parts/Facts.tsx";
import { usePlantZone } from "../parts/PageHead.tsx";
import { fullTime } from "../parts/time.ts";
import { asFlashed } from "./story.ts";

/** What the unit holds, as far as its attempts prove it. */
export function AsFlashed({ dossier }: { readonly dossier: UnitDossier }) {
  const held = asFlashed(dossier);
  return (
    <section className="card as-flashed" aria-labelledby="as-flashed">
      <h2 id="as-flashed">As flashed</h2>
      {held.kind === "proven" && <Proven attempt={held.attempt} dossier={dossier} />}
      {held.kind === "not-known" && (
        <p>
          What it holds is not proven: its latest attempt{" "}
          <Link to="/attempts/$id" params={{ id: held.attempt.id }}>
            {held.attempt.outcome === null ? "has no result yet" : "failed"}
          </Link>
          . The next one erases before it writes.
        </p>
      )}
      {held.kind === "nothing" && <p>Nothing was flashed onto it here.</p>}
    </section>
  );
}

interface ProvenProps {
  readonly attempt: AttemptDetail;
  readonly dossier: UnitDossier;
}

function Proven({ attempt, dossier }: ProvenProps) {
  const zone = usePlantZone();
  const release = dossier.releases.find(({ version }) => version === attempt.version);
  return (
    <>
      <p className="say">
        <b>
          {attempt.product} {attempt.version}
        </b>
        , read back and equal, at {attempt.station}, {called("nest", attempt.nest)},{" "}
        {fullTime(attempt.receivedAt ?? attempt.startedAt, zone)}.{" "}
        {release !== undefined && release.revokedAt !== null && <Badge state="revoked" />}
      </p>
      <Facts
        items={[
          ["Chip", attempt.chip],
          ["Work order", attempt.workOrder],
          ["Unit data", attempt.patch === null ? null : attempt.patch.fields.join(", ")],
          [
            "Signed with",
            release === undefined ? null : (
              <span key="key" className="mono small">
                {release.keyId}
              </span>
            ),
          ],
          [
            "Manifest",
            release === undefined ? null : (
              <span key="manifest" className="mono small wrap">
                {release.manifestSha256}
              </span>
            ),
          ],
          ...(release?.images ?? []).map(
            ({ name, sha256, size }) =>
              [
                name,
                <span key={sha256}>
                  {bytes(size)} <span className="mono small wrap">{sha256}</span>
                </span>,
              ] as const,
          ),
        ]}
      />
    </>
  );
}
