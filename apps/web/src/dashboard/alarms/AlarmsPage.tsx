import { ALARM_RULE_NAMES, type AlarmRule } from "@flashline/contract";
import { NativeSelect, SegmentedControl } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { CsvButton } from "../act/DataTable.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { allRows } from "../api/all-rows.ts";
import { call } from "../api/client.ts";
import { manage } from "../api/manage.ts";
import { Answered, Empty } from "../parts/states.tsx";
import { LongTable } from "../table/LongTable.tsx";
import { useColumns } from "../table/use-columns.ts";
import { ALARMS_FILE, alarmColumns, openColumns } from "./columns.tsx";
import { AlarmTabs } from "./Tabs.tsx";
import { sayInbox } from "./words.ts";

const STATES = ["open", "over", "all"] as const;

/** What needs a person, who looks after it, and what was. */
export function AlarmsPage() {
  const { state = "open", rule } = useSearch({ from: "/alarms" });
  const navigate = useNavigate();
  const alarms = useInfiniteQuery(manage.alarms({ state, rule }));
  const columns = useColumns(state === "open" ? openColumns : alarmColumns);
  const filter = (next: { state?: (typeof STATES)[number]; rule?: AlarmRule | undefined }) =>
    void navigate({
      to: "/alarms",
      search: { state: state === "open" ? undefined : state, rule, ...next },
      replace: true,
    });
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
      <section className="card" aria-label="Alarms">
        <Answered query={alarms} lines={6}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title={state === "open" ? "No alarm is open." : "No alarm matches."}>
                {state === "open" && "What needs a person comes here by itself."}
              </Empty>
            ) : (
              <LongTable
                name="Alarms"
                rows={rows}
                columns={columns}
                sort={undefined}
                usual="-since"
                query={alarms}
              >
                <CsvButton
                  name="Alarms"
                  rows={rows}
                  columns={ALARMS_FILE}
                  all={() =>
                    allRows(
                      async (page) =>
                        (await call("alarms", { query: { state, rule, ...page } })).body,
                    )
                  }
                />
              </LongTable>
            )
          }
        </Answered>
      </section>
    </ManagePage>
  );
}
