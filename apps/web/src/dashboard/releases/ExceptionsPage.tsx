import { type ExceptionView, LARGEST_EXCEPTION, SignedException } from "@flashline/contract";
import { FileInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { count } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import { stateColumn } from "../act/columns.tsx";
import type { Column } from "../act/DataTable.tsx";
import type { FormState } from "../act/form.ts";
import { useLatestFile } from "../act/latest-file.ts";
import { ManagePage } from "../act/ManagePage.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { call } from "../api/client.ts";
import { manage } from "../api/manage.ts";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Answered } from "../parts/states.tsx";
import { when } from "../parts/time.ts";
import { ReleaseTabs } from "./Tabs.tsx";

const LOOKS = {
  good: ["open", "Holds"],
  early: ["draft", "Not yet"],
  over: ["closed", "Over"],
  "used-up": ["closed", "Used up"],
  "key-revoked": ["revoked", "Key revoked"],
  withdrawn: ["revoked", "Withdrawn"],
} as const;

/** Signed exceptions from a refusal of a release, for a few units and some days. */
export function ExceptionsPage() {
  const exceptions = useQuery(manage.exceptions());
  const zone = usePlantZone();
  const columns: readonly Column<ExceptionView>[] = [
    stateColumn(({ state }) => state, LOOKS),
    {
      name: "Release",
      csv: ({ product, version }) => `${product} ${version}`,
      cell: ({ product, version, releaseId }) =>
        releaseId === null ? (
          <b>
            {product} {version}
          </b>
        ) : (
          <Link to="/releases/$id" params={{ id: releaseId }}>
            <b>
              {product} {version}
            </b>
          </Link>
        ),
    },
    { name: "Lifts", csv: ({ lifts }) => lifts.join(" "), cell: ({ lifts }) => lifts.join(", ") },
    {
      name: "Units",
      csv: ({ used, units }) => `${used} of ${units}`,
      cell: ({ used, units, serials }) => (
        <>
          {count(used)} of {count(units)}
          {serials.length > 0 && (
            <div className="soft small mono">{serials.slice(0, 3).join(", ")}</div>
          )}
        </>
      ),
      isFigure: true,
    },
    {
      name: "Holds",
      csv: ({ from, until }) => `${from} to ${until}`,
      cell: ({ from, until }) => (
        <span className="soft">
          {when(from, zone)} to {when(until, zone)}
        </span>
      ),
    },
    {
      name: "Why",
      csv: ({ reason }) => reason,
      cell: ({ reason, withdrawnReason }) => withdrawnReason ?? reason,
      className: "wrap",
    },
    {
      name: "Actions",
      cell: (exception) => (
        <span className="row-acts">
          {exception.state !== "withdrawn" && <Withdraw exception={exception} />}
        </span>
      ),
    },
  ];
  return (
    <ManagePage title="Exceptions" asOf={exceptions.dataUpdatedAt} acts={<AddException />}>
      <ReleaseTabs />
      <Answered query={exceptions}>
        {(rows) => (
          <TableCard
            title="Exceptions for service builds"
            rows={rows}
            keyOf={({ id }) => id}
            columns={columns}
            empty={[
              "No exceptions.",
              <>
                The firmware team signs one with{" "}
                <span className="mono">flashline exception sign</span>; its file is added here.
              </>,
            ]}
          />
        )}
      </Answered>
    </ManagePage>
  );
}

interface Values {
  signed: SignedException | null;
  problem: string;
}
const NOTHING: Values = { signed: null, problem: "" };

async function read(file: File): Promise<Values> {
  const problem = "This is no file of flashline exception sign.";
  if (file.size > 3 * LARGEST_EXCEPTION) return { signed: null, problem };
  try {
    const parsed = SignedException.safeParse(JSON.parse(await file.text()));
    return parsed.success ? { signed: parsed.data, problem: "" } : { signed: null, problem };
  } catch {
    return { signed: null, problem };
  }
}

function AddException() {
  return (
    <Act
      label="Add an exception"
      title="Add a signed exception"
      needs="addException"
      weight="first"
      size="sm"
      verb="Add it"
      initial={NOTHING}
      ready={({ signed }) => signed !== null}
      run={({ signed }) =>
        call("addException", { body: signed ?? { statement: "", signature: "" } })
      }
      affects={["exceptions", "work-orders"]}
      done={({ body }) => `The exception for ${body.product} ${body.version} holds.`}
    >
      {(form) => <ExceptionFile form={form} />}
    </Act>
  );
}

function ExceptionFile({ form }: { readonly form: FormState<Values> }) {
  const take = useLatestFile(read, (_, found) => {
    form.set("signed", found?.signed ?? null);
    form.set("problem", found?.problem ?? "");
  });
  return (
    <FileInput
      label="File"
      description="What flashline exception sign wrote: a statement with its signature"
      accept=".json,application/json"
      placeholder="Choose a file"
      required
      onChange={take}
      {...(form.values.problem === "" ? {} : { error: form.values.problem })}
    />
  );
}

function Withdraw({ exception }: { readonly exception: ExceptionView }) {
  return (
    <Act
      label="Withdraw"
      title={`Withdraw the exception for ${exception.product} ${exception.version}?`}
      needs="withdrawException"
      weight="danger"
      verb="Withdraw it"
      keep="Keep it"
      initial={{ reason: "" }}
      run={({ reason }) =>
        call("withdrawException", { params: { id: exception.id }, body: { reason } })
      }
      affects={["exceptions"]}
      done={() => "No unit is started under it any more."}
    >
      {() => <p>No unit is started under it any more, and it cannot be added again.</p>}
    </Act>
  );
}
