import { NativeSelect } from "@mantine/core";
import type { LongColumn } from "./column.ts";

interface Props<R> {
  readonly columns: readonly LongColumn<R>[];
  readonly sort: string;
  readonly usual: string;
  readonly onSort: (sort: string | undefined) => void;
}

/** For a telephone, where the heads of columns are out of sight. */
export function SortChoice<R>({ columns, sort, usual, onSort }: Props<R>) {
  const choices = columns.flatMap(({ name, sort: by }) =>
    by === undefined
      ? []
      : [
          { value: by, label: `${name}, upwards` },
          { value: `-${by}`, label: `${name}, downwards` },
        ],
  );
  return (
    <NativeSelect
      aria-label="Sort by"
      size="xs"
      value={sort}
      data={choices}
      onChange={({ currentTarget: { value } }) => onSort(value === usual ? undefined : value)}
    />
  );
}
