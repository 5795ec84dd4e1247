import type { ReactNode } from "react";
import { Badge } from "../parts/Badge.tsx";
import { day, when } from "../parts/time.ts";
import type { Column } from "./DataTable.tsx";

/** How a row stands: the look of a state, and a word for it. */
export const stateColumn = <R, S extends string>(
  of: (row: R) => S,
  looks: Readonly<Record<S, readonly [look: string, word: string]>>,
): Column<R> => ({
  name: "State",
  csv: of,
  cell: (row) => {
    const [look, word] = looks[of(row)];
    return <Badge state={look} word={word} />;
  },
});

/** What a row is called. */
export const nameColumn = <R,>(
  name: string,
  of: (row: R) => string,
  link: (text: ReactNode, row: R) => ReactNode = (text) => text,
): Column<R> => ({ name, csv: of, cell: (row) => link(<b>{of(row)}</b>, row) });

/** A word or two as they are; `absent` stands where there is nothing. */
export const wordColumn = <R,>(
  name: string,
  of: (row: R) => string | null,
  absent = "",
): Column<R> => ({
  name,
  csv: of,
  // On a telephone a cell without anything is left out with its name.
  cell: (row) => of(row) ?? (absent === "" ? null : <span className="soft">{absent}</span>),
});

/** When something was, by the plant's clock. */
export const timeColumn = <R,>(
  name: string,
  zone: string | undefined,
  of: (row: R) => string | null,
  absent = "never",
): Column<R> => ({
  name,
  csv: of,
  cell: (row) => {
    const at = of(row);
    return <span className="soft">{at === null ? absent : when(at, zone)}</span>;
  },
  isFigure: true,
});

/** The day on which something began, by the plant's clock. */
export const dayColumn = <R,>(
  name: string,
  zone: string | undefined,
  of: (row: R) => string,
): Column<R> => ({
  name,
  csv: of,
  cell: (row) => <span className="soft">{day(of(row), zone)}</span>,
  isFigure: true,
});
