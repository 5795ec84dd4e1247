import type { RangeView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { count } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import type { Column } from "../act/DataTable.tsx";
import { ChoiceField, TextField } from "../act/fields.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { call } from "../api/client.ts";
import { manage } from "../api/manage.ts";
import { Answered } from "../parts/states.tsx";
import { isNumber, numberOf, numberText, shareLeft } from "./numbers.ts";

const LOW = 0.1;

const COLUMNS: readonly Column<RangeView>[] = [
  { name: "Field", csv: ({ name }) => name, cell: ({ name }) => <b className="mono">{name}</b> },
  {
    name: "Kind",
    csv: ({ kind }) => kind,
    cell: ({ kind }) => (kind === "mac" ? "MAC addresses" : "numbers"),
  },
  {
    name: "First",
    csv: ({ kind, first }) => numberText(kind, first),
    cell: ({ kind, first }) => <span className="mono">{numberText(kind, first)}</span>,
    isFigure: true,
  },
  {
    name: "Last",
    csv: ({ kind, last }) => numberText(kind, last),
    cell: ({ kind, last }) => <span className="mono">{numberText(kind, last)}</span>,
    isFigure: true,
  },
  {
    name: "Left",
    csv: ({ left }) => left,
    cell: ({ left }) => <b>{count(left)}</b>,
    isFigure: true,
  },
  {
    name: "Share left",
    cell: (range) => {
      const share = shareLeft(range);
      return (
        <span className={`meter ${share <= LOW ? "low" : ""}`} aria-hidden="true">
          <i style={{ width: `${share * 100}%` }} />
        </span>
      );
    },
  },
];

/** Numbers of which each unit gets one, and what is left of them. */
export function Ranges({ product }: { readonly product: string }) {
  const ranges = useQuery(manage.ranges(product));
  return (
    <Answered query={ranges} lines={2}>
      {(rows) => (
        <TableCard
          title="Number ranges"
          name={`Number ranges of ${product}`}
          rows={rows}
          keyOf={({ name, first }) => `${name} ${first}`}
          columns={COLUMNS}
          acts={<AddRange product={product} />}
          empty={[
            "No number ranges.",
            "A release whose per-unit data takes numbers or MAC addresses needs a range of the field's name.",
          ]}
        />
      )}
    </Answered>
  );
}

function AddRange({ product }: { readonly product: string }) {
  return (
    <Act
      label="Add a range"
      title={`Add numbers for ${product}`}
      needs="addRange"
      verb="Add the range"
      initial={{ name: "", kind: "counter" as string, first: "", last: "" }}
      ready={({ name, first, last }) => name.trim() !== "" && isNumber(first) && isNumber(last)}
      run={({ name, kind, first, last }) =>
        call("addRange", {
          body: {
            product,
            name: name.trim(),
            first: numberOf(first),
            last: numberOf(last),
            kind: kind === "mac" ? "mac" : "counter",
          } as never,
        })
      }
      affects={["ranges", "alarms"]}
      done={({ body }) => `${count(body.left)} numbers were added to ${body.name}.`}
    >
      {(form) => (
        <>
          <p className="hint">
            Each unit gets one number, once. Another stretch under the same name goes on when the
            first is used up.
          </p>
          <TextField
            form={form}
            name="name"
            label="Field"
            mono
            required
            hint="The name that the release's per-unit data has, such as mac"
          />
          <ChoiceField
            form={form}
            name="kind"
            label="Kind"
            choices={[
              ["counter", "Numbers"],
              ["mac", "MAC addresses"],
            ]}
          />
          <div className="pair">
            <TextField form={form} name="first" label="First" mono required placeholder="1" />
            <TextField
              form={form}
              name="last"
              label="Last"
              mono
              required
              hint="A number, or 0x70b3d5123fff"
            />
          </div>
        </>
      )}
    </Act>
  );
}
