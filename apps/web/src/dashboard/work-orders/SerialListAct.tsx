import { BadRow, RefusedError } from "@flashline/contract";
import { z } from "zod";
import { counted } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import { CsvField } from "../act/CsvField.tsx";
import { DataTable } from "../act/DataTable.tsx";
import { CheckField } from "../act/fields.tsx";
import { Shown } from "../act/Shown.tsx";
import { call } from "../api/client.ts";
import { type ReadList, readSerialList } from "./serial-list.ts";

interface Props {
  readonly product: string;
  /** Of rows that name none. */
  readonly order?: string;
}
interface Values {
  file: string;
  read: ReadList | null;
  skipBad: boolean;
}
const NOTHING: Values = { file: "", read: null, skipBad: false };

/** Registers the serials of a file, all or none, and says of each bad row what is wrong with it. */
export function SerialListAct({ product, order }: Props) {
  return (
    <Act
      label="Load serials"
      title={order === undefined ? `Serials of ${product}` : `Serials for ${order}`}
      needs="addSerialList"
      wide
      verb={({ read }) =>
        read?.kind === "rows" ? `Load ${counted(read.rows.length, "serial")}` : "Load"
      }
      initial={NOTHING}
      ready={({ read }) => read?.kind === "rows"}
      run={({ read, skipBad }) =>
        call("addSerialList", {
          body: { product, skipBad, rows: read?.kind === "rows" ? [...read.rows] : [] },
        })
      }
      affects={["units", "products", "work-orders"]}
      done={({ body }) =>
        `${counted(body.added, "unit")} added, ${body.known} were known${body.leftOut === 0 ? "" : `, ${body.leftOut} left out`}.`
      }
      shows={({ body }, close) => (
        <Shown close={close} word="Close">
          <p>
            {counted(body.added, "unit")} {body.added === 1 ? "is" : "are"} new, {body.known} were
            known with the same content
            {body.leftOut === 0 ? "." : `, and ${counted(body.leftOut, "row")} were left out:`}
          </p>
          {body.bad.length > 0 && <BadRows rows={body.bad} />}
        </Shown>
      )}
    >
      {({ values, set, ...form }, error) => (
        <>
          <p className="hint">
            A CSV file with a line of heads: <span className="mono">serial</span>, and where known{" "}
            <span className="mono">boardRevision</span>, <span className="mono">batch</span> and{" "}
            <span className="mono">order</span>. The list counts whole: when one row cannot be
            taken, none is.
            {order !== undefined &&
              ` Rows without an order get ${order}: no other order takes them.`}
          </p>
          <CsvField
            file={values.file}
            read={values.read}
            readText={(text) => readSerialList(text, order)}
            onRead={(file, read) => {
              set("file", file);
              set("read", read);
            }}
          />
          <CheckField
            form={{ ...form, values, set }}
            name="skipBad"
            label="Take the good rows even when others are bad"
          />
          <RefusedRows error={error} />
        </>
      )}
    </Act>
  );
}

/** Rows because of which a list was refused. */
export function RefusedRows({ error }: { readonly error: unknown }) {
  const details = error instanceof RefusedError ? error.refusal.details : undefined;
  const bad = z.array(BadRow).safeParse(details);
  return bad.success && bad.data.length > 0 ? <BadRows rows={bad.data} /> : null;
}

function BadRows({ rows }: { readonly rows: readonly BadRow[] }) {
  return (
    <div className="bad-rows">
      <DataTable
        name="Bad rows"
        rows={rows}
        keyOf={({ line, code }) => `${line} ${code}`}
        columns={[
          {
            name: "Line of the file",
            csv: ({ line }) => line,
            cell: ({ line }) => line,
            isFigure: true,
          },
          {
            name: "Value",
            csv: ({ value }) => value,
            cell: ({ value }) => <span className="mono">{value}</span>,
          },
          {
            name: "What is wrong",
            csv: ({ message }) => message,
            cell: ({ message }) => message,
            className: "wrap",
          },
          { name: "Code", csv: ({ code }) => code },
        ]}
      >
        <b>{counted(rows.length, "bad row")}</b>
      </DataTable>
    </div>
  );
}
