import type { ProductView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { count, counted } from "../../shared/format.ts";
import { type Column, DataTable } from "../act/DataTable.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { queries } from "../api/queries.ts";
import { Tag } from "../parts/Badge.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { AddProduct } from "./AddProduct.tsx";

const COLUMNS: readonly Column<ProductView>[] = [
  {
    name: "Product",
    csv: ({ name }) => name,
    cell: ({ name, title, retiredAt }) => (
      <>
        <Link to="/products/$name" params={{ name }}>
          <b>{name}</b>
        </Link>
        {title !== "" && <span className="soft"> {title}</span>}{" "}
        {retiredAt !== null && <Tag>retired</Tag>}
      </>
    ),
  },
  { name: "Retired", csv: ({ retiredAt }) => retiredAt },
  { name: "Title", csv: ({ title }) => title },
  {
    name: "Chip",
    csv: ({ chip }) => chip,
    cell: ({ chip }) => <span className="mono">{chip}</span>,
  },
  {
    name: "Board revisions",
    csv: ({ boardRevisions }) => boardRevisions.join(" "),
    cell: ({ boardRevisions }) => boardRevisions.join(", ") || <span className="soft">one</span>,
  },
  {
    name: "Serials",
    csv: ({ serialPattern }) => serialPattern ?? "",
    cell: ({ serialPattern, registration }) => (
      <>
        {serialPattern === null ? (
          <span className="soft">any label</span>
        ) : (
          <span className="mono">{serialPattern}</span>
        )}{" "}
        <span className="soft">
          {registration === "listed" ? "on a list" : "at the first scan"}
        </span>
      </>
    ),
  },
  {
    name: "Failures before a lead is asked",
    csv: ({ retestLimit }) => retestLimit,
    cell: ({ retestLimit }) => retestLimit,
    isFigure: true,
    className: "narrow",
  },
  {
    name: "Units",
    csv: ({ units }) => units,
    cell: ({ units, allowVirtual }) => (
      <>
        {allowVirtual && <Tag>virtual allowed</Tag>} {count(units)}
      </>
    ),
    isFigure: true,
  },
];

export function ProductsPage() {
  const products = useQuery(queries.products());
  const known = products.data?.map(({ name }) => name) ?? [];
  return (
    <ManagePage
      title="Products"
      asOf={products.dataUpdatedAt}
      acts={<AddProduct products={known} />}
    >
      <section className="card">
        <Answered query={products}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title="No products yet.">
                A product is what units are instances of: its chip, its serials, the revisions of
                its board.
              </Empty>
            ) : (
              <DataTable name="Products" rows={rows} keyOf={({ id }) => id} columns={COLUMNS}>
                <span className="soft">{counted(rows.length, "product")}</span>
              </DataTable>
            )
          }
        </Answered>
      </section>
    </ManagePage>
  );
}
