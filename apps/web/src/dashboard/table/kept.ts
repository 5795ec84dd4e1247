import { useState } from "react";
import { z } from "zod";
import type { LongColumn } from "./column.ts";

/** Columns by name that somebody chose or left out. */
const Choice = z.record(z.string(), z.boolean());
type Choice = z.infer<typeof Choice>;

const keyOf = (table: string): string => `flashline.columns.${table.toLowerCase()}`;

function kept(table: string): Choice {
  try {
    return Choice.parse(JSON.parse(localStorage.getItem(keyOf(table)) ?? "{}"));
  } catch {
    return {};
  }
}

/** Which columns of a table are shown, as chosen in this browser. A browser that keeps nothing forgets it with the page. */
export function useChoice<R>(table: string, columns: readonly LongColumn<R>[]) {
  const [choice, setChoice] = useState(() => kept(table));
  const visible = Object.fromEntries(
    columns.map(({ id, shown = "first" }) => [
      id,
      shown === "always" || (choice[id] ?? shown === "first"),
    ]),
  );
  const choose = (id: string, isShown: boolean): void => {
    const next = { ...choice, [id]: isShown };
    setChoice(next);
    try {
      localStorage.setItem(keyOf(table), JSON.stringify(next));
    } catch {
      // It holds until the page is left.
    }
  };
  return { visible, choose };
}
