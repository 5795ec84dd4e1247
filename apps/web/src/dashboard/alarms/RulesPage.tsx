import type { AlarmRuleView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import type { Column } from "../act/DataTable.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { manage } from "../api/manage.ts";
import { Badge } from "../parts/Badge.tsx";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Answered } from "../parts/states.tsx";
import { when } from "../parts/time.ts";
import { RuleAct } from "./RuleAct.tsx";
import { AlarmTabs } from "./Tabs.tsx";

/** By which rules alarms are raised: those of each plant, and those of the server. */
export function RulesPage() {
  const rules = useQuery(manage.alarmRules());
  const zone = usePlantZone();
  const columns: readonly Column<AlarmRuleView>[] = [
    {
      name: "Switch",
      csv: ({ enabled }) => (enabled ? "on" : "off"),
      cell: ({ enabled }) => (enabled ? <Badge state="open" word="On" /> : <Badge state="off" />),
    },
    {
      name: "Rule",
      csv: ({ rule }) => rule,
      cell: ({ rule, says }) => (
        <>
          <b className="mono">{rule}</b>
          <p className="soft small">{says}</p>
        </>
      ),
      className: "wrap lead-cell",
    },
    {
      name: "Settings",
      csv: ({ settings }) =>
        Object.entries(settings)
          .map(([name, value]) => `${name}=${value}`)
          .join(" "),
      cell: ({ settings, usual, meaning }) =>
        Object.entries(settings).map(([name, value]) => (
          <p key={name} className="setting">
            <b>{value}</b> {meaning[name] ?? name}
            {usual[name] !== value && <span className="soft"> (usually {usual[name]})</span>}
          </p>
        )),
      className: "wrap",
    },
    {
      name: "Changed",
      csv: ({ changedAt }) => changedAt,
      cell: ({ changedAt, changedBy }) => (
        <span className="soft">
          {changedAt === null ? "never" : `${when(changedAt, zone)} by ${changedBy}`}
        </span>
      ),
    },
    {
      name: "Actions",
      cell: (rule) => (
        <span className="row-acts">
          <RuleAct rule={rule} />
        </span>
      ),
    },
  ];
  return (
    <ManagePage title="Alarm rules" asOf={rules.dataUpdatedAt}>
      <AlarmTabs />
      <Answered query={rules}>
        {(rows) =>
          scopesOf(rows).map((plant) => (
            <TableCard
              key={plant ?? ""}
              title={plant === null ? "Of the server" : `Of ${plant}`}
              name={`Alarm rules ${plant ?? "of the server"}`}
              rows={rows.filter((rule) => rule.plant === plant)}
              keyOf={({ rule }) => rule}
              columns={columns}
              empty={["No rules."]}
            />
          ))
        }
      </Answered>
    </ManagePage>
  );
}

/** Plants first, the server last. */
const scopesOf = (rules: readonly AlarmRuleView[]): readonly (string | null)[] => {
  const plants = [...new Set(rules.map(({ plant }) => plant))];
  return [...plants.filter((plant) => plant !== null), ...plants.filter((plant) => plant === null)];
};
