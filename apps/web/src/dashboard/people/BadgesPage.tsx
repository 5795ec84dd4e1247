import type { BadgeKeyView, BadgeView, PersonView } from "@flashline/contract";
import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { nameColumn, timeColumn, wordColumn } from "../act/columns.tsx";
import type { Column } from "../act/DataTable.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { useAllowed } from "../act/rights.ts";
import { TableCard } from "../act/TableCard.tsx";
import { manage } from "../api/manage.ts";
import { queries } from "../api/queries.ts";
import { Badge } from "../parts/Badge.tsx";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Answered } from "../parts/states.tsx";
import { when } from "../parts/time.ts";
import { EndBadge, GiveBadge, RetireKey, RotateKey } from "./BadgeActs.tsx";
import { PeopleTabs } from "./Tabs.tsx";

/** Badges, and who has none yet. */
export function BadgesPage() {
  const [state, setState] = useState<"on" | "all">("on");
  const badges = useQuery(manage.badges(state));
  const zone = usePlantZone();
  const mayKeys = useAllowed("badgeKeys");
  const columns: readonly Column<BadgeView>[] = [
    nameColumn("Person", ({ person }) => person),
    wordColumn("Role", ({ role }) => role),
    wordColumn("Plant", ({ plant }) => plant, "all"),
    {
      name: "State",
      csv: ({ endedAs, readable }) => endedAs ?? (readable ? "counts" : "not readable"),
      cell: ({ endedAs, endedAt, readable, endReason }) =>
        endedAs !== null ? (
          <>
            <Badge state="off" word={endedAs} />{" "}
            <span className="soft">
              {endedAt !== null && when(endedAt, zone)} {endReason}
            </span>
          </>
        ) : readable ? (
          <Badge state="OK" word="Counts" />
        ) : (
          <Badge state="WATCH" word="Give it anew: its key is not here" />
        ),
      className: "wrap",
    },
    {
      name: "Given",
      csv: ({ givenAt }) => givenAt,
      cell: ({ givenAt, givenBy }) => (
        <span className="soft">
          {when(givenAt, zone)} by {givenBy}
        </span>
      ),
    },
    timeColumn("Shown last", zone, ({ lastUsedAt }) => lastUsedAt),
    {
      name: "Actions",
      cell: (badge) => (
        <span className="row-acts">{badge.endedAs === null && <EndBadge badge={badge} />}</span>
      ),
    },
  ];
  return (
    <ManagePage title="Badges" asOf={badges.dataUpdatedAt}>
      <PeopleTabs />
      <Answered query={badges}>
        {(rows) => (
          <TableCard
            title="Badges"
            rows={rows}
            keyOf={({ id }) => id}
            columns={columns}
            acts={
              <SegmentedControl
                size="xs"
                aria-label="Which badges"
                value={state}
                onChange={(chosen) => setState(chosen === "all" ? "all" : "on")}
                data={[
                  { value: "on", label: "That count" },
                  { value: "all", label: "All" },
                ]}
              />
            }
            empty={["No badges yet.", "Give people theirs below."]}
          />
        )}
      </Answered>
      {state === "on" && badges.data !== undefined && !badges.isPlaceholderData && (
        <Without badges={badges.data} />
      )}
      {mayKeys && <Keys />}
    </ManagePage>
  );
}

function Without({ badges }: { readonly badges: readonly BadgeView[] }) {
  const people = useQuery(queries.people());
  const having = new Set(badges.map(({ person }) => person));
  const rows = (people.data ?? []).filter(
    ({ name, disabledAt }) => disabledAt === null && !having.has(name),
  );
  return (
    <TableCard
      title="Without a badge"
      name="People without a badge"
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        nameColumn<PersonView>("Person", ({ name }) => name),
        wordColumn<PersonView>("Role", ({ role }) => role),
        {
          name: "Actions",
          cell: (person) => (
            <span className="row-acts">
              <GiveBadge person={person} />
            </span>
          ),
        },
      ]}
      empty={["Everybody has one."]}
    />
  );
}

function Keys() {
  const keys = useQuery(manage.badgeKeys());
  const zone = usePlantZone();
  const columns: readonly Column<BadgeKeyView>[] = [
    { name: "Key", csv: ({ generation }) => generation, cell: ({ generation }) => generation },
    {
      name: "Why",
      csv: ({ reason }) => reason,
      cell: ({ reason }) => reason,
      className: "wrap",
    },
    {
      name: "Made",
      csv: ({ madeAt }) => madeAt,
      cell: ({ madeAt, madeBy }) => (
        <span className="soft">
          {when(madeAt, zone)} by {madeBy}
        </span>
      ),
    },
    {
      name: "Badges known by it",
      csv: ({ badges }) => badges,
      cell: ({ badges }) => badges,
      isFigure: true,
    },
    {
      name: "Actions",
      cell: (key) => (
        <span className="row-acts">
          {key.retiredAt !== null ? (
            <Badge state="off" word="Retired" />
          ) : (
            (keys.data?.[0]?.generation ?? 0) > key.generation && <RetireKey badgeKey={key} />
          )}
        </span>
      ),
    },
  ];
  return (
    <Answered query={keys} lines={1}>
      {(rows) => (
        <TableCard
          title="Keys by which badges are known"
          name="Badge keys"
          rows={rows}
          keyOf={({ generation }) => String(generation)}
          columns={columns}
          acts={<RotateKey keys={rows} />}
          empty={["No key yet."]}
        />
      )}
    </Answered>
  );
}
