import { Button, Popover } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { Icon } from "../../shared/icons.tsx";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Loading } from "../parts/states.tsx";
import { NO_TIME, type Selection } from "./selection.ts";
import { sayTime } from "./words.ts";

/** The calendar comes when somebody opens it. */
const Times = lazy(() => import("./Times.tsx").then(({ Times: times }) => ({ default: times })));

interface Props {
  readonly selection: Selection;
  /** What the page shows where no time is given. */
  readonly without: string;
  /** Whether the page can show all times. */
  readonly allTimes: boolean;
  readonly onChange: (change: Selection) => void;
}

/** Which time: the plant's days and shifts by name, or days of the calendar. */
export function WindowPicker({ selection, without, allTimes, onChange }: Props) {
  const zone = usePlantZone();
  const [isOpen, setOpen] = useState(false);
  const choose = (time: Selection): void => {
    setOpen(false);
    onChange({ ...NO_TIME, ...time });
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start" trapFocus shadow="none">
      <Popover.Target>
        <Button
          variant="default"
          size="sm"
          leftSection={<Icon name="clock" size={16} />}
          rightSection={<Icon name="down" size={14} />}
          onClick={() => setOpen(!isOpen)}
        >
          {sayTime(selection, without, zone)}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Which time">
        <Suspense fallback={<Loading lines={6} />}>
          <Times selection={selection} allTimes={allTimes} zone={zone} onChoose={choose} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
