import type { OpenSession } from "@flashline/contract";
import { Act } from "../act/Act.tsx";
import { timeColumn } from "../act/columns.tsx";
import type { Column } from "../act/DataTable.tsx";
import { Quick } from "../act/Quick.tsx";
import { call } from "../api/client.ts";

/** Where somebody is logged in; an admin ends it with a reason, everybody their own without. */
export const sessionColumns = (
  zone: string | undefined,
  ends: "endSession" | "endOwnSession",
): readonly Column<OpenSession>[] => [
  {
    name: "From",
    csv: ({ address }) => address,
    cell: ({ address, current }) => (
      <>
        <span className="mono">{address ?? "not known"}</span>
        {current && <span className="soft"> this one</span>}
      </>
    ),
  },
  timeColumn("Since", zone, ({ since }) => since),
  timeColumn("There last", zone, ({ lastUsedAt }) => lastUsedAt),
  timeColumn("Ends", zone, ({ endsAt }) => endsAt),
  {
    name: "Actions",
    cell: (session) => (
      <span className="row-acts">
        {ends === "endSession" ? <EndSession session={session} /> : <EndOwn session={session} />}
      </span>
    ),
  },
];

function EndSession({ session: { id, person } }: { readonly session: OpenSession }) {
  return (
    <Act
      label="End"
      title={`End this session of ${person}?`}
      needs="endSession"
      verb="End it"
      initial={{ reason: "" }}
      run={({ reason }) => call("endSession", { params: { id }, body: { reason } })}
      affects={["people"]}
      done={() => "The session ended."}
    />
  );
}

function EndOwn({ session: { id, current } }: { readonly session: OpenSession }) {
  // This one ends with the log-out.
  if (current) return null;
  return (
    <Quick
      label="End"
      needs="endOwnSession"
      run={() => call("endOwnSession", { params: { id } })}
      affects={["own-sessions"]}
      done={() => "The session ended."}
    />
  );
}
