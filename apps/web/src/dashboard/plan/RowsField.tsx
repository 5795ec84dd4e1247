import { NativeSelect, NumberInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Icon } from "../../shared/icons.tsx";
import type { FormState } from "../act/form.ts";
import { queries } from "../api/queries.ts";
import { ANY, type PlanValues } from "./values.ts";

/** Units of whatever is made, or of several products. */
export function RowsField({ form }: { readonly form: FormState<PlanValues> }) {
  const { rows } = form.values;
  const { data = [] } = useQuery(queries.products());
  const products = data.filter(({ retiredAt }) => retiredAt === null).map(({ name }) => name);
  const put = (at: number, change: Partial<PlanValues["rows"][number]>) =>
    form.set(
      "rows",
      rows.map((row, n) => (n === at ? { ...row, ...change } : row)),
    );
  const free = products.find((name) => rows.every(({ product }) => product !== name));
  return (
    <>
      {rows.map((row, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name, and keep their places
        <div key={at} className={`plan-form-row ${rows.length > 1 ? "of-several" : ""}`}>
          <NativeSelect
            label="Product"
            value={row.product}
            data={[
              ...(rows.length === 1 ? [{ value: ANY, label: "Whatever is made" }] : []),
              ...[...new Set([...products, row.product])]
                .filter((name) => name !== ANY)
                .map((name) => ({ value: name, label: name })),
            ]}
            onChange={({ currentTarget: { value } }) => put(at, { product: value })}
          />
          <NumberInput
            label="Units"
            required
            min={1}
            max={1_000_000}
            allowDecimal={false}
            thousandSeparator=","
            value={row.units ?? ""}
            onChange={(value) => put(at, { units: value === "" ? null : Number(value) })}
          />
          {rows.length > 1 && (
            <button
              type="button"
              className="b leave-out"
              aria-label={`Leave ${row.product} out`}
              onClick={() =>
                form.set(
                  "rows",
                  rows.filter((_, n) => n !== at),
                )
              }
            >
              <Icon name="cross" size={14} />
            </button>
          )}
        </div>
      ))}
      {rows[0]?.product !== ANY && free !== undefined && (
        <p>
          <button
            type="button"
            className="b small"
            onClick={() => form.set("rows", [...rows, { product: free, units: null }])}
          >
            Another product
          </button>
        </p>
      )}
    </>
  );
}
