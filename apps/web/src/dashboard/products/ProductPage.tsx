import type { ProductView } from "@flashline/contract";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { count } from "../../shared/format.ts";
import { Icon } from "../../shared/icons.tsx";
import { Act } from "../act/Act.tsx";
import { NumberField } from "../act/fields.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { call } from "../api/client.ts";
import { queries } from "../api/queries.ts";
import { Badge } from "../parts/Badge.tsx";
import { Facts } from "../parts/Facts.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { SerialListAct } from "../work-orders/SerialListAct.tsx";
import { Channels } from "./Channels.tsx";
import { Label } from "./Label.tsx";
import { PatternTester } from "./PatternTester.tsx";
import { isProductReady, ProductFields, propertiesOf } from "./ProductForm.tsx";
import { Ranges } from "./Ranges.tsx";

export function ProductPage() {
  const { name } = useParams({ from: "/products/$name" });
  const products = useQuery(queries.products());
  const product = products.data?.find((one) => one.name === name);
  return (
    <ManagePage
      title={`Product ${name}`}
      asOf={products.dataUpdatedAt}
      acts={
        product !== undefined && (
          <>
            <ChangeProduct product={product} />
            <SetRetestLimit product={product} />
            <SerialListAct product={product.name} />
            <Retire product={product} />
            <Link className="b" to="/units" search={{ product: product.name }}>
              Units
            </Link>
          </>
        )
      }
    >
      <Answered query={products}>
        {() =>
          product === undefined ? (
            <section className="card">
              <Empty title={`There is no product ${name}.`} />
            </section>
          ) : (
            <Detail product={product} />
          )
        }
      </Answered>
    </ManagePage>
  );
}

function Detail({ product }: { readonly product: ProductView }) {
  return (
    <>
      {product.retiredAt !== null && (
        <p className="note hold-note">
          <Icon name="barred" />
          <span>It is retired: it takes no new work orders. What was ordered goes on.</span>
        </p>
      )}
      <section className="card">
        {product.title !== "" && <h2>{product.title}</h2>}
        <Facts
          items={[
            [
              "Chip",
              <span key="c" className="mono">
                {product.chip}
              </span>,
            ],
            ["Board revisions", product.boardRevisions.join(", ") || "one"],
            ["Units registered", count(product.units)],
            [
              "Serials",
              product.registration === "listed"
                ? "only those that were imported"
                : "any that matches, at its first scan",
            ],
            ["Virtual units", product.allowVirtual ? "accepted" : "refused"],
            ["Failures before a lead is asked", String(product.retestLimit)],
          ]}
        />
      </section>
      <div className="two even">
        <section className="card" aria-label="Serial pattern">
          <h2>Serial pattern</h2>
          <p className="pattern mono">{product.serialPattern ?? "none: every label is taken"}</p>
          <PatternTester pattern={product.serialPattern ?? ""} />
        </section>
        <Releases product={product.name} />
      </div>
      <Channels product={product.name} />
      <Ranges product={product.name} />
      <Label product={product} />
    </>
  );
}

const SHOWN = 5;

function Releases({ product }: { readonly product: string }) {
  const releases = useInfiniteQuery(queries.releases({ product }));
  return (
    <section className="card" aria-label="Releases">
      <h2>
        Latest releases
        <Link className="more" to="/releases" search={{ product }}>
          All releases
        </Link>
      </h2>
      <Answered query={releases} lines={2}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No release of it yet." />
          ) : (
            <ul className="plain-list">
              {rows.slice(0, SHOWN).map((release) => (
                <li key={release.id}>
                  <Badge state={release.state} />
                  <Link to="/releases/$id" params={{ id: release.id }}>
                    {release.version}
                  </Link>
                  <span className="soft">no. {release.counter}</span>
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
    </section>
  );
}

function ChangeProduct({ product }: { readonly product: ProductView }) {
  return (
    <Act
      label="Change"
      title={`Change ${product.name}`}
      needs="changeProduct"
      verb="Change it"
      initial={{
        title: product.title,
        boardRevisions: product.boardRevisions.join(", "),
        serialPattern: product.serialPattern ?? "",
        registration: product.registration,
        allowVirtual: product.allowVirtual,
        reason: "",
      }}
      ready={isProductReady}
      run={({ reason, ...values }) =>
        call("changeProduct", {
          params: { id: product.id },
          body: { ...propertiesOf(values), reason },
        })
      }
      affects={["products"]}
      done={({ body }) => `${body.name} was changed. Stations have it with their next scan.`}
    >
      {(form) => <ProductFields form={form} />}
    </Act>
  );
}

function SetRetestLimit({ product }: { readonly product: ProductView }) {
  return (
    <Act
      label="Retest limit"
      title={`How often may a unit of ${product.name} fail?`}
      needs="setRetestLimit"
      verb="Set the limit"
      initial={{ limit: product.retestLimit as number | null, reason: "" }}
      ready={({ limit }) => limit !== null}
      run={({ limit, reason }) =>
        call("setRetestLimit", {
          params: { id: product.id },
          body: { limit: limit ?? product.retestLimit, reason },
        })
      }
      affects={["products"]}
      done={({ body }) => `A lead is asked after ${body.retestLimit} failures of ${body.name}.`}
    >
      {(form) => (
        <NumberField
          form={form}
          name="limit"
          label="Failures"
          hint="After so many a scan asks for the lead. Failures of the host do not count."
          least={1}
          most={100}
        />
      )}
    </Act>
  );
}

/** A product is never removed: its units and what happened to them stay. */
function Retire({ product }: { readonly product: ProductView }) {
  const { id, name } = product;
  const isRetired = product.retiredAt !== null;
  return (
    <Act
      key={isRetired ? "back" : "retire"}
      label={isRetired ? "Take back" : "Retire"}
      title={isRetired ? `Let ${name} be ordered again?` : `Retire ${name}?`}
      needs="changeProduct"
      weight={isRetired ? "plain" : "danger"}
      verb={isRetired ? "Take it back" : `Retire ${name}`}
      initial={{ reason: "" }}
      run={({ reason }) =>
        call("changeProduct", { params: { id }, body: { retired: !isRetired, reason } })
      }
      affects={["products"]}
      done={() => (isRetired ? `${name} may be ordered again.` : `${name} takes no new orders.`)}
    >
      {() => (
        <p>
          {isRetired
            ? "New work orders may name it."
            : "It takes no new work orders. Open ones go on, and its units with all that happened to them stay."}
        </p>
      )}
    </Act>
  );
}
