import type { OrderSort } from "@flashline/contract";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { CsvButton } from "../act/DataTable.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { allRows } from "../api/all-rows.ts";
import { call } from "../api/client.ts";
import { queries } from "../api/queries.ts";
import { Answered, Empty } from "../parts/states.tsx";
import { LongTable } from "../table/LongTable.tsx";
import { useColumns } from "../table/use-columns.ts";
import { AddOrder } from "./AddOrder.tsx";
import { ORDERS_FILE, orderColumns } from "./columns.tsx";

export function WorkOrdersPage() {
  const { sort } = useSearch({ from: "/work-orders" });
  const navigate = useNavigate({ from: "/work-orders" });
  const orders = useInfiniteQuery(queries.workOrders(sort));
  const columns = useColumns(orderColumns);
  return (
    <ManagePage title="Work orders" asOf={orders.dataUpdatedAt} acts={<AddOrder />}>
      <section className="card" aria-label="Work orders">
        <Answered query={orders} lines={10}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title="No work orders yet.">
                A work order says how many units of a product are flashed with which release, and
                where.
              </Empty>
            ) : (
              <LongTable
                name="Work orders"
                rows={rows}
                columns={columns}
                sort={sort}
                usual="-created"
                onSort={(next) =>
                  void navigate({
                    search: { sort: next as OrderSort | undefined },
                    replace: true,
                  })
                }
                query={orders}
              >
                <CsvButton
                  name="Work orders"
                  rows={rows}
                  columns={ORDERS_FILE}
                  all={() =>
                    allRows(
                      async (page) => (await call("workOrders", { query: { sort, ...page } })).body,
                    )
                  }
                />
              </LongTable>
            )
          }
        </Answered>
      </section>
    </ManagePage>
  );
}
