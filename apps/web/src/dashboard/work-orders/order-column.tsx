import { Link } from "@tanstack/react-router";
import { nameColumn } from "../act/columns.tsx";
import type { Column } from "../act/DataTable.tsx";

/** A work order's number, which leads to its page. */
export const orderColumn = <R extends { readonly number: string }>(): Column<R> =>
  nameColumn(
    "Order",
    ({ number }) => number,
    (text, { number }) => (
      <Link to="/work-orders/$number" params={{ number }}>
        {text}
      </Link>
    ),
  );
