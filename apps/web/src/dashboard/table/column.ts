import type { ReactNode } from "react";

/** A column of a long table. */
export interface LongColumn<R> {
  /** In the address and in what the browser keeps of the choice. */
  readonly id: string;
  readonly name: string;
  readonly cell: (row: R) => ReactNode;
  /** How much of the width it takes, beside the others. */
  readonly width: number;
  readonly isFigure?: boolean;
  readonly className?: string;
  /** By what the server sorts the list where this column is chosen for it; left out where it has no index for it. */
  readonly sort?: string;
  /** Whether it is there without having been chosen, and whether it can be left out. */
  readonly shown?: "always" | "first" | "chosen";
}

/** What the ways of a list are in its address: "serial", "-serial", or nothing for the usual one. */
export interface ColumnSort {
  readonly by: string;
  readonly down: boolean;
}

export const readSort = (sort: string): ColumnSort =>
  sort.startsWith("-") ? { by: sort.slice(1), down: true } : { by: sort, down: false };
const written = ({ by, down }: ColumnSort): string => (down ? `-${by}` : by);

/** What a click on a column's head asks for: the other way, first the least; undefined where that is how the list is anyway. */
export function nextSort(now: string, by: string, usual: string): string | undefined {
  const known = readSort(now);
  const next = written({ by, down: known.by === by ? !known.down : readSort(usual).by === by });
  return next === usual ? undefined : next;
}
