import type { StationView } from "@flashline/contract";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { count, counted, duration, percent, range } from "../../shared/format.ts";
import { queries } from "../api/queries.ts";
import { FEW } from "../parts/interval.ts";
import { ErrorNote } from "../parts/states.tsx";
import { cycleOf, planOf } from "./say.ts";

interface Props {
  readonly plant: string | undefined;
  readonly line: string | undefined;
  readonly stations: readonly StationView[];
}

/** Made, ordered, how fast, and the product's yield of the plant's day. */
export function Pace({ plant, line, stations }: Props) {
  const today = useQuery(queries.yield({ plant, line }));
  // Open ones come first: of many orders they are those that were asked for.
  const orders = useInfiniteQuery(queries.workOrders("state"));
  const plan = planOf(orders.data ?? [], stations);
  // Never the figures of the line that was shown before.
  const view = today.isPlaceholderData ? undefined : today.data;
  const selection = { plant, line, window: "today" } as const;
  const product = view?.productFirstPass;
  const cycle = view === undefined ? null : cycleOf(view);
  const busy = stations
    .filter(({ connected }) => connected)
    .flatMap(({ nests }) => nests)
    .filter(({ state }) => state === "busy" || state === "starting").length;
  return (
    <section className="pace" aria-label="Today">
      {today.error !== null && <ErrorNote error={today.error} />}
      <Big name="Made today" value={view === undefined ? "–" : count(view.unitsPassed)}>
        <Link to="/units" search={{ ...selection, outcome: "PASS" }}>
          units that passed
        </Link>
        {busy > 0 && ` · ${counted(busy, "unit")} in work`}
      </Big>
      <Big name="Open orders" value={plan.orders === 0 ? "–" : count(plan.quantity - plan.made)}>
        {orders.data === undefined ? null : plan.orders === 0 ? (
          "nothing is ordered here"
        ) : (
          <>
            to go of {count(plan.quantity)} in{" "}
            <Link to="/work-orders">{counted(plan.orders, "order")}</Link>
          </>
        )}
        {plan.orders > 0 && (
          <span className="progress" aria-hidden="true">
            <i style={{ width: `${(plan.made / Math.max(1, plan.quantity)) * 100}%` }} />
          </span>
        )}
      </Big>
      <Big name="Cycle" value={cycle === null ? "–" : duration(cycle)}>
        {cycle === null ? "no unit in the last hour" : "a unit, over the last hour"}
      </Big>
      <Big
        name="First pass, product"
        value={product === undefined || product.share === null ? "–" : percent(product.share)}
        few={product !== undefined && product.n < FEW}
      >
        {product !== undefined && product.share !== null && (
          <>
            {range(product.low, product.high)} ·{" "}
            <Link to="/yield" search={selection}>
              {counted(product.n, "unit")}
            </Link>
          </>
        )}
        {product !== undefined && product.n < FEW && " · too few to say"}
      </Big>
    </section>
  );
}

interface BigProps {
  readonly name: string;
  readonly value: string;
  readonly few?: boolean;
  readonly children: React.ReactNode;
}

function Big({ name, value, few = false, children }: BigProps) {
  return (
    <div className={few ? "card few" : "card"}>
      <span className="name">{name}</span>
      <b>{value}</b>
      <span className="under">{children}</span>
    </div>
  );
}
