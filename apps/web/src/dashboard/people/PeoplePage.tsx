import type { PersonView } from "@flashline/contract";
import { SegmentedControl, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { dayColumn, wordColumn } from "../act/columns.tsx";
import type { Column } from "../act/DataTable.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { useAllowed } from "../act/rights.ts";
import { TableCard } from "../act/TableCard.tsx";
import { manage } from "../api/manage.ts";
import { Badge } from "../parts/Badge.tsx";
import { usePlantZone } from "../parts/PageHead.tsx";
import { ShowMore } from "../parts/ShowMore.tsx";
import { Answered } from "../parts/states.tsx";
import { day } from "../parts/time.ts";
import { AddPerson } from "./AddPerson.tsx";
import { PeopleTabs } from "./Tabs.tsx";
import { waysText } from "./words.ts";

const STATES = ["active", "disabled", "all"] as const;

export function PeoplePage() {
  const { state = "active" } = useSearch({ from: "/people" });
  const navigate = useNavigate();
  const [search, setSearch] = useState("");
  const people = useInfiniteQuery(manage.people(state, search.trim()));
  const zone = usePlantZone();
  const mayOpen = useAllowed("person");
  const columns: readonly Column<PersonView>[] = [
    {
      name: "State",
      csv: ({ disabledAt }) => (disabledAt === null ? "let in" : "disabled"),
      cell: ({ disabledAt }) =>
        disabledAt === null ? (
          <Badge state="OK" word="Let in" />
        ) : (
          <Badge state="off" word={`Disabled ${day(disabledAt, zone)}`} />
        ),
    },
    {
      name: "Name",
      csv: ({ name }) => name,
      cell: ({ name }) =>
        mayOpen ? (
          <Link to="/people/$name" params={{ name }}>
            <b>{name}</b>
          </Link>
        ) : (
          <b>{name}</b>
        ),
    },
    wordColumn("Role", ({ role }) => role),
    wordColumn("Plant", ({ plant }) => plant, "all"),
    { name: "Comes in by", csv: ({ ways }) => ways.join(" "), cell: ({ ways }) => waysText(ways) },
    {
      name: "Logged in now",
      csv: ({ sessions }) => sessions,
      cell: ({ sessions }) => sessions || <span className="soft">no</span>,
      isFigure: true,
    },
    {
      name: "Tokens",
      csv: ({ tokens }) => tokens,
      cell: ({ tokens }) => tokens || <span className="soft">none</span>,
      isFigure: true,
    },
    dayColumn("Since", zone, ({ createdAt }) => createdAt),
  ];
  return (
    <ManagePage title="People" asOf={people.dataUpdatedAt} acts={<AddPerson />}>
      <PeopleTabs />
      <div className="filters">
        <TextInput
          type="search"
          placeholder="A part of the name"
          aria-label="Find people by name"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <SegmentedControl
          aria-label="Which people"
          value={state}
          onChange={(chosen) =>
            void navigate({
              to: "/people",
              search: { state: STATES.find((one) => one === chosen && one !== "active") },
              replace: true,
            })
          }
          data={[
            { value: "active", label: "Let in" },
            { value: "disabled", label: "Disabled" },
            { value: "all", label: "All" },
          ]}
        />
      </div>
      <Answered query={people}>
        {(rows) => (
          <TableCard
            title="People"
            rows={rows}
            keyOf={({ id }) => id}
            columns={columns}
            empty={["Nobody matches."]}
            below={<ShowMore shown={rows.length} query={people} />}
          />
        )}
      </Answered>
    </ManagePage>
  );
}
