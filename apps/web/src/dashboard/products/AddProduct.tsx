import { Act } from "../act/Act.tsx";
import { newName } from "../act/new-name.ts";
import { call } from "../api/client.ts";
import { isProductReady, NewProductFields, ProductFields, propertiesOf } from "./ProductForm.tsx";

const NOTHING = {
  name: "",
  chip: "",
  title: "",
  boardRevisions: "",
  serialPattern: "",
  registration: "listed" as "listed" | "pattern",
  allowVirtual: false,
};

export function AddProduct({ products }: { readonly products: readonly string[] }) {
  return (
    <Act
      label="Add a product"
      title="Add a product"
      needs="addProduct"
      weight="first"
      size="sm"
      verb={({ name }) => (name.trim() === "" ? "Add" : `Add ${name.trim()}`)}
      initial={NOTHING}
      ready={(values) => {
        const isNew = newName("product", values.name, products);
        return isNew === true ? values.chip.trim() !== "" && isProductReady(values) : isNew;
      }}
      run={(values) =>
        call("addProduct", {
          body: { name: values.name.trim(), chip: values.chip.trim(), ...propertiesOf(values) },
        })
      }
      affects={["products"]}
      done={({ body }) => `Product ${body.name} was added.`}
    >
      {(form) => (
        <>
          <NewProductFields form={form} />
          <ProductFields form={form} />
        </>
      )}
    </Act>
  );
}
