import type { PersonDetail } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ManagePage } from "../act/ManagePage.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { manage } from "../api/manage.ts";
import { Badge } from "../parts/Badge.tsx";
import { Facts } from "../parts/Facts.tsx";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Answered } from "../parts/states.tsx";
import { fullTime, when } from "../parts/time.ts";
import { GiveBadge } from "./BadgeActs.tsx";
import {
  Disable,
  EndSessions,
  LinkIdentity,
  Rename,
  SetPassword,
  SetPlant,
  SetRole,
} from "./PersonActs.tsx";
import { sessionColumns } from "./session-columns.tsx";
import { PeopleTabs } from "./Tabs.tsx";
import { tokenColumns } from "./token-columns.tsx";
import { roleSays, waysText } from "./words.ts";

export function PersonPage() {
  const { name } = useParams({ from: "/people/$name" });
  const person = useQuery(manage.person(name));
  return (
    <ManagePage
      title={person.data?.name ?? name}
      asOf={person.dataUpdatedAt}
      acts={
        person.data !== undefined && (
          <>
            <SetRole person={person.data} />
            <SetPlant person={person.data} />
            <SetPassword person={person.data} />
            <GiveBadge person={person.data} />
            <Rename person={person.data} />
            <Disable person={person.data} />
          </>
        )
      }
    >
      <PeopleTabs />
      <Answered query={person} missing={`There is nobody called ${name}.`}>
        {(data) => <Detail person={data} />}
      </Answered>
    </ManagePage>
  );
}

function Detail({ person }: { readonly person: PersonDetail }) {
  const zone = usePlantZone();
  const { role, plant, ways, disabledAt, createdAt, formerNames, identities } = person;
  return (
    <>
      <section className="card">
        <div className="card-head">
          <h2>
            {disabledAt === null ? (
              <Badge state="open" word={role} />
            ) : (
              <Badge state="off" word={`Disabled ${when(disabledAt, zone)}`} />
            )}
          </h2>
          <span className="soft">{roleSays(role)}</span>
          <span className="row-acts">
            <Link className="b" to="/audit" search={{ whoKind: "person", who: person.name }}>
              What they did
            </Link>
          </span>
        </div>
        <Facts
          items={[
            ["Plant", plant ?? "all plants"],
            ["Comes in by", waysText(ways)],
            ["Since", fullTime(createdAt, zone)],
            ["Names before", formerNames.join(", ")],
          ]}
        />
      </section>
      <TableCard
        title="Open sessions"
        name={`Sessions of ${person.name}`}
        rows={person.openSessions}
        keyOf={({ id }) => id}
        columns={sessionColumns(zone, "endSession")}
        acts={<EndSessions person={person} />}
        empty={["Not logged in."]}
      />
      <TableCard
        title="Tokens that they made"
        name={`Tokens of ${person.name}`}
        rows={person.validTokens}
        keyOf={({ id }) => id}
        columns={tokenColumns(zone)}
        empty={["No token is theirs."]}
      />
      <TableCard
        title="At the identity provider"
        name={`Identities of ${person.name}`}
        rows={identities}
        keyOf={({ issuer, subject }) => `${issuer} ${subject}`}
        columns={[
          {
            name: "Provider",
            csv: ({ issuer }) => issuer,
            cell: ({ issuer }) => issuer,
            className: "wrap",
          },
          {
            name: "Subject",
            csv: ({ subject }) => subject,
            cell: ({ subject }) => <span className="mono">{subject}</span>,
          },
          {
            name: "Since",
            csv: ({ since }) => since,
            cell: ({ since }) => <span className="soft">{when(since, zone)}</span>,
            isFigure: true,
          },
        ]}
        acts={<LinkIdentity person={person} />}
        empty={["They do not log in at a provider."]}
      />
    </>
  );
}
