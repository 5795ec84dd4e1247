import type { AlarmView } from "@flashline/contract";
import { Elapsed } from "../../shared/Elapsed.tsx";
import type { Column } from "../act/DataTable.tsx";
import { Badge } from "../parts/Badge.tsx";
import { when } from "../parts/time.ts";
import type { LongColumn } from "../table/column.ts";
import { AlarmActs } from "./AlarmActs.tsx";
import { Subject } from "./Subject.tsx";
import { endText } from "./words.ts";

export const alarmColumns = (zone: string | undefined): readonly LongColumn<AlarmView>[] => [
  {
    id: "state",
    name: "State",
    width: 9,
    shown: "always",
    cell: (alarm) => <State alarm={alarm} />,
  },
  {
    id: "about",
    name: "About",
    width: 14,
    shown: "always",
    cell: (alarm) => <Subject alarm={alarm} />,
  },
  {
    id: "alarm",
    name: "Alarm",
    width: 34,
    shown: "always",
    className: "lead-cell",
    cell: ({ message, parameters }) => (
      <>
        <b>{message}</b>
        {parameters["note"] !== undefined && (
          <span className="soft"> {String(parameters["note"])}</span>
        )}
      </>
    ),
  },
  {
    id: "plant",
    name: "Plant",
    width: 8,
    cell: ({ plant }) => plant ?? <span className="soft">server</span>,
  },
  {
    id: "rule",
    name: "Rule",
    width: 13,
    shown: "chosen",
    className: "mono small",
    cell: ({ rule }) => rule,
  },
  {
    id: "since",
    name: "Since",
    width: 11,
    isFigure: true,
    cell: ({ raisedAt, recoveredAt }) =>
      recoveredAt === null ? (
        <Elapsed since={raisedAt} />
      ) : (
        <span className="soft">{when(raisedAt, zone)}</span>
      ),
  },
  {
    id: "taken",
    name: "Looked after by",
    width: 16,
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
    id: "over",
    name: "Over",
    width: 18,
    cell: (alarm) =>
      alarm.recoveredAt === null ? null : (
        <span className="soft">
          {when(alarm.recoveredAt, zone)}, {endText(alarm)}
        </span>
      ),
  },
  {
    id: "actions",
    name: "Actions",
    width: 13,
    shown: "always",
    cell: (alarm) => <AlarmActs alarm={alarm} />,
  },
];

/** The same without how they ended, where none has. */
export const openColumns = (zone: string | undefined): readonly LongColumn<AlarmView>[] =>
  alarmColumns(zone).filter(({ id }) => id !== "over");

function State({ alarm: { recoveredAt, takenBy, overdueAt } }: { readonly alarm: AlarmView }) {
  if (recoveredAt !== null) return <Badge state="closed" word="Over" />;
  if (takenBy !== null) return <Badge state="open" word="Taken" />;
  if (overdueAt !== null) return <Badge state="SUSPECT" word="Overdue" />;
  return <Badge state="WATCH" word="Open" />;
}

export const ALARMS_FILE: readonly Column<AlarmView>[] = [
  {
    name: "State",
    csv: ({ recoveredAt, overdueAt }) =>
      recoveredAt !== null ? "over" : overdueAt === null ? "open" : "overdue",
  },
  { name: "Alarm", csv: ({ message }) => message },
  { name: "About", csv: ({ subject }) => subject.name },
  { name: "Plant", csv: ({ plant }) => plant },
  { name: "Rule", csv: ({ rule }) => rule },
  { name: "Since", csv: ({ raisedAt }) => raisedAt },
  { name: "Looked after by", csv: ({ takenBy }) => takenBy },
  { name: "Over", csv: ({ recoveredAt }) => recoveredAt },
];
