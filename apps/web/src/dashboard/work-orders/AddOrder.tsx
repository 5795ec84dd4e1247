import { useQuery } from "@tanstack/react-query";
import { counted } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import { ChoiceField, ManyField, NumberField, TextField } from "../act/fields.tsx";
import type { FormState } from "../act/form.ts";
import { call } from "../api/client.ts";
import { queries } from "../api/queries.ts";
import { chosenOf, ReleaseChoice } from "./ReleaseChoice.tsx";

const NOTHING = {
  number: "",
  product: "",
  release: "",
  quantity: null as number | null,
  stations: [] as readonly string[],
};

/** With another product the release is chosen anew: the one that was chosen is of the product before. */
const withProduct = (form: FormState<typeof NOTHING>): FormState<typeof NOTHING> => ({
  ...form,
  set: (name, value) => {
    form.set(name, value);
    form.set("release", "");
  },
});

export function AddOrder() {
  const products = useQuery(queries.products());
  const stations = useQuery(queries.stations());
  const all = stations.data ?? [];
  return (
    <Act
      label="Add a work order"
      title="Add a work order"
      needs="addWorkOrder"
      weight="first"
      size="sm"
      verb={({ number }) => (number.trim() === "" ? "Add" : `Add ${number.trim()}`)}
      initial={NOTHING}
      ready={({ number, product, release, quantity }) =>
        number.trim() !== "" && product !== "" && release !== "" && quantity !== null
      }
      run={({ number, product, release, quantity, stations: at }) =>
        call("addWorkOrder", {
          body: {
            number: number.trim(),
            product,
            quantity: quantity ?? 0,
            stations: [...at],
            ...chosenOf(release),
          },
        })
      }
      affects={["work-orders", "stations"]}
      done={({ body }) =>
        `${body.number} was added: ${counted(body.quantity, "unit")} of ${body.product}${body.stations.length === 0 ? ", at no station yet" : ` at ${body.stations.join(", ")}`}.`
      }
    >
      {(form) => (
        <>
          <div className="pair">
            <TextField
              form={form}
              name="number"
              label="Number"
              required
              placeholder="WO-20419"
              maxLength={120}
            />
            <NumberField
              form={form}
              name="quantity"
              label="Units"
              required
              least={1}
              most={1_000_000}
            />
          </div>
          <ChoiceField
            form={withProduct(form)}
            name="product"
            label="Product"
            required
            choices={[
              ["", "Choose one"],
              ...(products.data ?? [])
                .filter(({ retiredAt }) => retiredAt === null)
                .map(
                  ({ name, title }) => [name, title === "" ? name : `${name} · ${title}`] as const,
                ),
            ]}
          />
          <ReleaseChoice form={form} product={form.values.product} />
          <ManyField
            form={form}
            name="stations"
            label="Stations"
            hint="Where they have another order of the product, that one comes first"
            choices={all.map(({ name }) => name)}
            placeholder="None yet"
          />
        </>
      )}
    </Act>
  );
}
