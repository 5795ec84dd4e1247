import type { PlanRow } from "./plan.ts";

/** Columns of a list of plans; `line`, `day`, `shift` and `units` are needed. */
export const PLAN_COLUMNS = ["plant", "line", "day", "shift", "product", "units"] as const;
type Column = (typeof PLAN_COLUMNS)[number];
const NEEDED: readonly Column[] = ["line", "day", "shift", "units"];

/** A row of a file with the line that it begins in. */
export interface ListedCells {
  readonly line: number;
  readonly cells: readonly string[];
}

/** What was read of a list of plans, or why nothing can be. */
export type ReadPlans =
  | { readonly kind: "rows"; readonly rows: readonly PlanRow[] }
  | { readonly kind: "unreadable"; readonly why: string };

const no = (why: string): ReadPlans => ({ kind: "unreadable", why });

/** The plans of a file whose first row has the heads. What is in them the server looks at. */
export function readPlanRows([head, ...body]: readonly ListedCells[]): ReadPlans {
  if (head === undefined) return no("The file is empty.");
  const names = head.cells.map((cell) => cell.trim().toLowerCase());
  const strange = names.find((name) => !(PLAN_COLUMNS as readonly string[]).includes(name));
  if (strange !== undefined) {
    return no(`The first line has a column "${strange}"; it may have ${PLAN_COLUMNS.join(", ")}.`);
  }
  const lacking = NEEDED.find((name) => !names.includes(name));
  if (lacking !== undefined) return no(`The first line has no column "${lacking}".`);
  if (body.length === 0) return no("The file has no row below its heads.");
  const rows: PlanRow[] = [];
  for (const { line, cells } of body) {
    const of = (name: Column): string => cells[names.indexOf(name)]?.trim() ?? "";
    const units = of("units");
    if (!/^\d{1,7}$/.test(units))
      return no(`Line ${line} of the file: units "${units}" is no whole number.`);
    rows.push({
      row: line,
      line: of("line"),
      day: of("day"),
      shift: of("shift"),
      units: Number(units),
      ...(of("plant") === "" ? {} : { plant: of("plant") }),
      ...(of("product") === "" ? {} : { product: of("product") }),
    });
  }
  return { kind: "rows", rows };
}
