import { ALARM_RULE_NAMES, type AlarmRule, type AlarmView } from "@flashline/contract";
import { NativeSelect, SegmentedControl } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Elapsed } from "../../shared/Elapsed.tsx";
import type { Column } from "../act/DataTable.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { manage } from "../api/manage.ts";
import { Badge } from "../parts/Badge.tsx";
import { usePlantZone } from "../parts/PageHead.tsx";
import { ShowMore } from "../parts/ShowMore.tsx";
import { Answered } from "../parts/states.tsx";
import { when } from "../parts/time.ts";
import { AlarmActs } from "./AlarmActs.tsx";
import { Subject } from "./Subject.tsx";
import { AlarmTabs } from "./Tabs.tsx";
import { endText, sayInbox } from "./words.ts";

const STATES = ["open", "over", "all"] as const;

/** What needs a person, who looks after it, and what was. */
export function AlarmsPage() {
  const { state = "open", rule } = useSearch({ from: "/alarms" });
  const navigate = useNavigate();
  const alarms = useInfiniteQuery(manage.alarms({ state, rule }));
  const zone = usePlantZone();
  const filter = (next: { state?: (typeof STATES)[number]; rule?: AlarmRule | undefined }) =>
    void navigate({
      to: "/alarms",
      search: { state: state === "open" ? undefined : state, rule, ...next },
      replace: true,
    });
  const columns: readonly Column<AlarmView>[] = [
    {
      name: "State",
      csv: ({ recoveredAt, overdueAt }) =>
        recoveredAt !== null ? "over" : overdueAt === null ? "open" : "overdue",
      cell: ({ recoveredAt, overdueAt, takenBy }) =>
        recoveredAt !== null ? (
          <Badge state="closed" word="Over" />
        ) : takenBy !== null ? (
          <Badge state="open" word="Taken" />
        ) : overdueAt !== null ? (
          <Badge state="SUSPECT" word="Overdue" />
        ) : (
          <Badge state="WATCH" word="Open" />
        ),
    },
    {
      name: "Alarm",
      csv: ({ message }) => message,
      cell: ({ message, parameters }) => (
        <>
          <b>{message}</b>
          {parameters["note"] !== undefined && (
            <span className="soft"> {String(parameters["note"])}</span>
          )}
        </>
      ),
      className: "wrap lead-cell",
    },
    {
      name: "About",
      csv: ({ subject }) => subject.name,
      cell: (alarm) => <Subject alarm={alarm} />,
    },
    {
      name: "Plant",
      csv: ({ plant }) => plant,
      cell: ({ plant }) => plant ?? <span className="soft">server</span>,
    },
    { name: "Rule", csv: ({ rule: of }) => of },
    {
      name: "Since",
      csv: ({ raisedAt }) => raisedAt,
      cell: ({ raisedAt, recoveredAt }) =>
        recoveredAt === null ? (
          <Elapsed since={raisedAt} />
        ) : (
          <span className="soft">{when(raisedAt, zone)}</span>
        ),
      isFigure: true,
    },
    {
      name: "Looked after by",
      csv: ({ takenBy }) => takenBy,
      cell: ({ takenBy, takenAt }) =>
        takenBy === null ? (
          <span className="soft">nobody</span>
        ) : (
          <>
            {takenBy} <span className="soft">{takenAt !== null && when(takenAt, zone)}</span>
          </>
        ),
    },
    {
      name: "Over",
      csv: ({ recoveredAt }) => recoveredAt,
      cell: (alarm) =>
        alarm.recoveredAt === null ? null : (
          <span className="soft">
            {when(alarm.recoveredAt, zone)}, {endText(alarm)}
          </span>
        ),
    },
    { name: "Actions", cell: (alarm) => <AlarmActs alarm={alarm} /> },
  ];
  const shown = state === "open" ? columns.filter(({ name }) => name !== "Over") : columns;
  return (
    <ManagePage
      title="Alarms"
      asOf={alarms.dataUpdatedAt}
      {...(state === "open" && rule === undefined && alarms.data !== undefined
        ? { says: sayInbox(alarms.data) }
        : {})}
    >
      <AlarmTabs />
      <div className="filters">
        <SegmentedControl
          aria-label="Which alarms"
          value={state}
          onChange={(chosen) => {
            const next = STATES.find((one) => one === chosen && one !== "open");
            filter(next === undefined ? { state: "open" } : { state: next });
          }}
          data={[
            { value: "open", label: "Open" },
            { value: "over", label: "Over" },
            { value: "all", label: "All" },
          ]}
        />
        <NativeSelect
          aria-label="Of which rule"
          value={rule ?? ""}
          onChange={(event) =>
            filter({ rule: ALARM_RULE_NAMES.find((one) => one === event.currentTarget.value) })
          }
          data={[
            { value: "", label: "All rules" },
            ...ALARM_RULE_NAMES.map((one) => ({ value: one, label: one })),
          ]}
        />
      </div>
      <Answered query={alarms}>
        {(rows) => (
          <TableCard
            title={state === "open" ? "Open" : state === "over" ? "Over" : "All"}
            name="Alarms"
            rows={rows}
            keyOf={({ id }) => id}
            columns={shown}
            empty={
              state === "open"
                ? ["No alarm is open.", "What needs a person comes here by itself."]
                : ["No alarm matches."]
            }
            below={<ShowMore shown={rows.length} query={alarms} />}
          />
        )}
      </Answered>
    </ManagePage>
  );
}
