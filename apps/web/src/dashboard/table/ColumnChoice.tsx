import { Button, Checkbox, Popover } from "@mantine/core";
import { Icon } from "../../shared/icons.tsx";
import type { LongColumn } from "./column.ts";

interface Props<R> {
  readonly columns: readonly LongColumn<R>[];
  readonly visible: Readonly<Record<string, boolean>>;
  readonly onChoose: (id: string, isShown: boolean) => void;
}

/** Which columns there are; kept in this browser. */
export function ColumnChoice<R>({ columns, visible, onChoose }: Props<R>) {
  return (
    <Popover position="bottom-end" trapFocus shadow="none">
      <Popover.Target>
        <Button variant="default" size="xs" leftSection={<Icon name="table" size={14} />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns">
        <div className="column-choice">
          {columns
            .filter(({ shown }) => shown !== "always")
            .map(({ id, name }) => (
              <Checkbox
                key={id}
                size="sm"
                label={name}
                checked={visible[id] === true}
                onChange={(event) => onChoose(id, event.currentTarget.checked)}
              />
            ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
