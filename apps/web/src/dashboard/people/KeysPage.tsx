import type { KeyView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { count } from "../../shared/format.ts";
import { dayColumn, stateColumn } from "../act/columns.tsx";
import { saveFile } from "../act/csv.ts";
import type { Column } from "../act/DataTable.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { manage } from "../api/manage.ts";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Answered } from "../parts/states.tsx";
import { day } from "../parts/time.ts";
import { AddKey, RetireReleaseKey, RevokeReleaseKey } from "./KeyActs.tsx";
import { KeyTabs } from "./Tabs.tsx";

const LOOKS = {
  trusted: ["OK", "Trusted"],
  retiring: ["WATCH", "Retiring"],
  retired: ["off", "Retired"],
  revoked: ["revoked", "Revoked"],
} as const;

/** Whose releases are accepted. */
export function KeysPage() {
  const keys = useQuery(manage.keys());
  const zone = usePlantZone();
  const columns: readonly Column<KeyView>[] = [
    stateColumn(({ state }) => state, LOOKS),
    {
      name: "Key",
      csv: ({ name }) => name,
      cell: ({ name, retiresAt, revokedReason }) => (
        <>
          <b>{name}</b>
          {retiresAt !== null && <span className="soft"> from {day(retiresAt, zone)}</span>}
          {revokedReason !== null && <span className="soft"> {revokedReason}</span>}
        </>
      ),
    },
    {
      name: "Id",
      csv: ({ keyId }) => keyId,
      cell: ({ keyId }) => <span className="mono">{keyId}</span>,
    },
    {
      name: "Releases that may be flashed",
      csv: ({ released }) => released,
      cell: ({ released }) => count(released),
      isFigure: true,
    },
    {
      name: "Drafts and canaries",
      csv: ({ unreleased }) => unreleased,
      cell: ({ unreleased }) => count(unreleased),
      isFigure: true,
    },
    dayColumn("Since", zone, ({ createdAt }) => createdAt),
    { name: "Public key", csv: ({ publicKey }) => publicKey },
    {
      name: "Actions",
      cell: (key) => (
        <span className="row-acts">
          <button
            type="button"
            className="b small"
            onClick={() => saveFile("release.pub", key.publicKey, "text/plain")}
          >
            .pub<span className="unseen"> file of {key.name}</span>
          </button>
          {key.state !== "revoked" && (
            <>
              <RetireReleaseKey keyView={key} />
              <RevokeReleaseKey keyView={key} />
            </>
          )}
        </span>
      ),
    },
  ];
  return (
    <ManagePage title="Release keys" asOf={keys.dataUpdatedAt} acts={<AddKey />}>
      <KeyTabs />
      <Answered query={keys}>
        {(rows) => (
          <TableCard
            title="Release keys"
            rows={rows}
            keyOf={({ keyId }) => keyId}
            columns={columns}
            empty={[
              "No key is trusted.",
              "Releases are taken once the firmware team's public key is trusted here.",
            ]}
          />
        )}
      </Answered>
    </ManagePage>
  );
}
