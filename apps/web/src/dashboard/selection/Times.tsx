import { SegmentedControl } from "@mantine/core";
import { DatePicker } from "@mantine/dates";
import "@mantine/dates/styles.layer.css";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { queries } from "../api/queries.ts";
import { ShiftGrid } from "./ShiftGrid.tsx";
import type { Selection } from "./selection.ts";
import { DAY_WINDOWS, SHIFT_WINDOWS, WINDOW_NAMES } from "./words.ts";
import { daysBetween } from "./zone.ts";

interface TimesProps {
  readonly selection: Selection;
  readonly allTimes: boolean;
  readonly zone: string | undefined;
  readonly onChoose: (time: Selection) => void;
}

/** The plant's days and shifts by name, and its calendar. */
export function Times({ selection, allTimes, zone, onChoose }: TimesProps) {
  const { data: plants = [] } = useQuery(queries.plants());
  const [ofCalendar, setOfCalendar] = useState<"day" | "days">("day");
  const plant =
    plants.length === 1 ? plants[0] : plants.find(({ name }) => name === selection.plant);
  const shifts = plant?.shifts ?? [];
  // A day keeps the shift that was chosen, so that one may look at the same shift day by day.
  const { shift } = selection;
  const windows = shifts.length === 0 ? DAY_WINDOWS : [...SHIFT_WINDOWS, ...DAY_WINDOWS];
  return (
    <div className="times">
      <div className="presets">
        {windows.map((window) => (
          <button
            type="button"
            key={window}
            aria-pressed={selection.window === window}
            onClick={() => onChoose({ window })}
          >
            {WINDOW_NAMES[window]}
          </button>
        ))}
        {allTimes && (
          <button type="button" onClick={() => onChoose({})}>
            All times
          </button>
        )}
      </div>
      <div className="of-calendar">
        <SegmentedControl
          aria-label="Of the calendar"
          size="xs"
          fullWidth
          value={ofCalendar}
          data={[
            { value: "day", label: "One day" },
            { value: "days", label: "From, to" },
          ]}
          onChange={(value) => setOfCalendar(value === "days" ? "days" : "day")}
        />
        {ofCalendar === "day" ? (
          <>
            <DatePicker
              value={selection.day ?? null}
              onChange={(day) => day !== null && onChoose({ day, shift })}
              {...CALENDAR}
            />
            {selection.day !== undefined && shifts.length > 0 && (
              <SegmentedControl
                aria-label="Shift"
                size="xs"
                fullWidth
                value={shift ?? ""}
                data={[
                  { value: "", label: "Whole day" },
                  ...shifts.map(({ name }) => ({ value: name, label: name })),
                ]}
                onChange={(name) => onChoose({ day: selection.day, shift: name || undefined })}
              />
            )}
          </>
        ) : (
          <Days zone={plant?.timeZone ?? zone} onChoose={onChoose} />
        )}
      </div>
      {plant !== undefined && shifts.length > 0 && (
        <ShiftGrid shifts={shifts} zone={plant.timeZone}>
          {({ day, name }, of) => (
            <button
              type="button"
              aria-pressed={selection.day === day && shift === of}
              onClick={() => onChoose({ day, shift: of })}
            >
              {of}
              <span className="unseen"> of {name}</span>
            </button>
          )}
        </ShiftGrid>
      )}
    </div>
  );
}

const CALENDAR = {
  firstDayOfWeek: 1,
  hideOutsideDates: true,
  ariaLabels: { previousMonth: "Month before", nextMonth: "Next month" },
} as const;

function Days({ zone, onChoose }: Pick<TimesProps, "zone" | "onChoose">) {
  const [range, setRange] = useState<[string | null, string | null]>([null, null]);
  const take = (next: [string | null, string | null]): void => {
    setRange(next);
    const [first, last] = next;
    if (first !== null && last !== null) onChoose(daysBetween(first, last, zone ?? "UTC"));
  };
  return (
    <DatePicker type="range" allowSingleDateInRange value={range} onChange={take} {...CALENDAR} />
  );
}
