import { type BadRow, called, Day, FlashlineError, type PlanRow } from "@flashline/contract";

/** A line that may have plans, with the shifts of its plant. */
export interface PlannedLine {
  readonly id: string;
  readonly name: string;
  readonly plantId: string;
  readonly plant: string;
  readonly shifts: readonly string[];
}

/** The plan of one shift, as it was asked for. */
export interface AskedPlan {
  readonly line: PlannedLine;
  readonly day: string;
  readonly shift: string;
  /** By the product's id; the empty key is whatever is made. */
  readonly units: Map<string, number>;
}

/** Whatever product is made. */
export const ANY = "";

const said = (text: string | undefined): string | undefined => {
  const trimmed = text?.trim() ?? "";
  return trimmed === "" ? undefined : trimmed;
};

/** Rows as plans of shifts, and those that cannot be. A shift is named by several rows where it makes several products. */
export function sortPlans(
  rows: readonly PlanRow[],
  lines: readonly PlannedLine[],
  products: ReadonlyMap<string, string>,
): { readonly plans: readonly AskedPlan[]; readonly bad: readonly BadRow[] } {
  const plans = new Map<string, AskedPlan>();
  const bad: BadRow[] = [];
  for (const [at, row] of rows.entries()) {
    const why = takeRow(row, lines, products, plans);
    if (why === undefined) continue;
    bad.push({ line: row.row ?? at + 1, ...why });
  }
  return { plans: [...plans.values()], bad };
}

type Why = Pick<BadRow, "value" | "code" | "message">;
const no = (value: string, message: string, code = "request.not_found"): Why => ({
  value,
  code,
  message,
});

function lineOf(row: PlanRow, lines: readonly PlannedLine[]): PlannedLine | Why {
  const [name, plant] = [row.line.trim(), said(row.plant)];
  const found = lines.filter(
    (line) => line.name === name && (plant === undefined || line.plant === plant),
  );
  const [first, second] = found;
  if (first === undefined) {
    return no(
      name,
      `There is no ${called("line", name)}${plant === undefined ? "" : ` in ${plant}`}.`,
    );
  }
  if (second === undefined) return first;
  const where = found.map((line) => line.plant).join(", ");
  return no(name, `Several plants have a ${called("line", name)}: ${where}. Name the plant.`);
}

/** Puts a row into its shift's plan; why it cannot be. */
function takeRow(
  row: PlanRow,
  lines: readonly PlannedLine[],
  products: ReadonlyMap<string, string>,
  plans: Map<string, AskedPlan>,
): Why | undefined {
  const line = lineOf(row, lines);
  if ("message" in line) return line;
  const [day, shift, product] = [row.day.trim(), row.shift.trim(), said(row.product)];
  if (!Day.safeParse(day).success)
    return no(day, `${day} is no day such as 2026-11-30.`, "request.invalid");
  if (!line.shifts.includes(shift)) {
    const known = line.shifts.length === 0 ? "none" : line.shifts.join(", ");
    return no(
      shift,
      `There is no shift ${shift} in ${called("plant", line.plant)}; it has ${known}.`,
    );
  }
  const productId = product === undefined ? ANY : products.get(product);
  if (productId === undefined) return no(product ?? "", `There is no product ${product}.`);
  const key = JSON.stringify([line.id, day, shift]);
  const plan = plans.get(key) ?? { line, day, shift, units: new Map<string, number>() };
  if (plan.units.has(productId)) {
    return no(product ?? shift, `${day} ${shift} of ${line.name} has this row twice.`, TWICE);
  }
  if (plan.units.size > 0 && (productId === ANY || plan.units.has(ANY))) {
    const message = `${day} ${shift} of ${line.name}: a plan is for named products or for whatever is made, not for both.`;
    return no(product ?? shift, message, TWICE);
  }
  plan.units.set(productId, row.units);
  plans.set(key, plan);
  return undefined;
}
const TWICE = "request.conflict";

/** The refusal of a list that has bad rows. */
export function refusedPlans(bad: readonly BadRow[]): FlashlineError {
  const [first] = bad;
  const parameters = { count: bad.length, line: first?.line ?? 0 };
  const rows = bad.length === 1 ? "row" : "rows";
  return new FlashlineError(
    "units.bad_rows",
    `${bad.length} ${rows} cannot be taken, and nothing was; line ${parameters.line}: ${first?.message ?? ""}`,
    { parameters, details: bad.slice(0, 1_000) },
  );
}
