import type { TokenView } from "@flashline/contract";
import { Act } from "../act/Act.tsx";
import { nameColumn, stateColumn, timeColumn } from "../act/columns.tsx";
import type { Column } from "../act/DataTable.tsx";
import { call } from "../api/client.ts";
import { Tag } from "../parts/Badge.tsx";
import { when } from "../parts/time.ts";

const LOOKS = {
  valid: ["OK", "Valid"],
  expired: ["off", "Expired"],
  revoked: ["revoked", "Revoked"],
} as const;

/** A token as lists show it, never its secret. */
export const tokenColumns = (zone: string | undefined): readonly Column<TokenView>[] => [
  stateColumn(({ state }) => state, LOOKS),
  nameColumn("Name", ({ name }) => name),
  {
    name: "May",
    csv: ({ scopes }) => scopes.join(" "),
    cell: ({ scopes }) => (
      <span className="tags">
        {scopes.map((scope) => (
          <Tag key={scope}>{scope}</Tag>
        ))}
      </span>
    ),
  },
  timeColumn("Used last", zone, ({ lastUsedAt }) => lastUsedAt),
  timeColumn("Ends", zone, ({ expiresAt }) => expiresAt),
  {
    name: "Made by",
    csv: ({ createdBy }) => createdBy,
    cell: ({ createdBy, createdAt }) => (
      <span className="soft">
        {createdBy}, {when(createdAt, zone)}
      </span>
    ),
  },
  {
    name: "Actions",
    cell: (token) => (
      <span className="row-acts">{token.state === "valid" && <RevokeToken token={token} />}</span>
    ),
  },
];

function RevokeToken({ token }: { readonly token: TokenView }) {
  return (
    <Act
      label="Revoke"
      title={`Revoke token ${token.name}?`}
      needs="revokeToken"
      weight="danger"
      verb="Revoke it"
      keep="Keep it"
      initial={{ reason: "" }}
      run={({ reason }) => call("revokeToken", { params: { id: token.id }, body: { reason } })}
      affects={["tokens", "people"]}
      done={() => `Token ${token.name} opens nothing any more.`}
    >
      {() => (
        <p>
          Whatever uses it is refused at once.{" "}
          {token.lastUsedAt === null ? "It was never used." : "It is in use."}
        </p>
      )}
    </Act>
  );
}
