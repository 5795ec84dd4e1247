import {
  type AuditPage as AuditPageData,
  EVENTS,
  type LedgerEvent,
  WHO_KINDS,
} from "@flashline/contract";
import { NativeSelect, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { saveFile } from "../act/csv.ts";
import { type Column, CsvButton } from "../act/DataTable.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { call } from "../api/client.ts";
import { type AuditFilter, manage } from "../api/manage.ts";
import { usePlantZone } from "../parts/PageHead.tsx";
import { ShowMore } from "../parts/ShowMore.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { ChainBadge } from "./ChainBadge.tsx";
import { EventRow } from "./EventRow.tsx";
import { queryOf } from "./filter.ts";

const KINDS = Object.keys(EVENTS).sort();
/** Events that a file has at most: more is the feed's matter. */
const MOST_IN_FILE = 10_000;
const PAGE = 200;

const FILE: readonly Column<LedgerEvent>[] = [
  { name: "Position", csv: ({ position }) => position },
  { name: "At", csv: ({ at }) => at },
  { name: "Kind", csv: ({ kind }) => kind },
  { name: "Who", csv: ({ who }) => who.kind },
  { name: "Name", csv: ({ who }) => who.name },
  { name: "From", csv: ({ from }) => from.address },
  { name: "Door", csv: ({ from }) => from.door },
  { name: "Subject", csv: ({ subject }) => subject.kind },
  { name: "Subject name", csv: ({ subject }) => subject.name },
  { name: "Reason", csv: ({ reason }) => reason },
  { name: "Before", csv: ({ before }) => (before === null ? "" : JSON.stringify(before)) },
  { name: "After", csv: ({ after }) => (after === null ? "" : JSON.stringify(after)) },
  { name: "Data", csv: ({ data }) => JSON.stringify(data) },
  { name: "Hash", csv: ({ hash }) => hash },
];

/** All events that match, up to what a file takes. */
async function allOf(filter: AuditFilter): Promise<readonly LedgerEvent[]> {
  const all: LedgerEvent[] = [];
  let after: number | undefined;
  do {
    const { body }: { body: AuditPageData } = await call("audit", {
      query: { ...filter, limit: PAGE, after },
    });
    all.push(...body.events);
    after = body.next ?? undefined;
  } while (after !== undefined && all.length < MOST_IN_FILE);
  return all;
}

/** What happened, who did it and why; nobody changes it. */
export function AuditPage() {
  const search = useSearch({ from: "/audit" });
  const zone = usePlantZone();
  const filter = queryOf(search, zone ?? "UTC");
  const audit = useInfiniteQuery(manage.audit(filter));
  const rows = (audit.data?.pages ?? []).flatMap(({ events }) => events);
  return (
    <ManagePage title="Audit" asOf={audit.dataUpdatedAt}>
      <ChainBadge />
      <Filters />
      <section className="card" aria-label="Events">
        <div className="card-head">
          <h2>Events</h2>
          <span className="row-acts">
            {rows.length > 0 && (
              <>
                <CsvButton name="Audit" rows={rows} columns={FILE} all={() => allOf(filter)} />
                <JsonButton filter={filter} />
              </>
            )}
          </span>
        </div>
        <Answered query={audit}>
          {() =>
            rows.length === 0 ? (
              <Empty title="Nothing matches." />
            ) : (
              <ol className="events">
                {rows.map((event) => (
                  <EventRow key={event.position} event={event} zone={zone} />
                ))}
              </ol>
            )
          }
        </Answered>
        <ShowMore shown={rows.length} query={audit} />
      </section>
    </ManagePage>
  );
}

function JsonButton({ filter }: { readonly filter: AuditFilter }) {
  const [isAsking, setAsking] = useState(false);
  const save = async (): Promise<void> => {
    setAsking(true);
    const lines = (await allOf(filter)).map((event) => JSON.stringify(event));
    saveFile("audit.jsonl", `${lines.join("\n")}\n`, "application/x-ndjson");
  };
  return (
    <button
      type="button"
      className="b small"
      disabled={isAsking}
      onClick={() => void save().finally(() => setAsking(false))}
    >
      {isAsking ? "Asking …" : "JSON"}
      <span className="unseen"> with hashes</span>
    </button>
  );
}

function Filters() {
  const search = useSearch({ from: "/audit" });
  const navigate = useNavigate();
  const set = (change: AuditFilter): void =>
    void navigate({ to: "/audit", search: { ...search, ...change }, replace: true });
  const textOf = (value: string): string | undefined => (value === "" ? undefined : value);
  return (
    <div className="filters audit-filters">
      <NativeSelect
        label="What happened"
        value={search.kind ?? ""}
        onChange={(event) => set({ kind: textOf(event.currentTarget.value) })}
        data={[
          { value: "", label: "Anything" },
          ...KINDS.map((kind) => ({ value: kind, label: kind })),
        ]}
      />
      <NativeSelect
        label="By"
        value={search.whoKind ?? ""}
        onChange={(event) =>
          set({ whoKind: WHO_KINDS.find((kind) => kind === event.currentTarget.value) })
        }
        data={[
          { value: "", label: "Anybody" },
          ...WHO_KINDS.map((kind) => ({ value: kind, label: kind })),
        ]}
      />
      <Typed label="Name" value={search.who} onSet={(who) => set({ who })} />
      <Typed
        label="About"
        hint="a serial, an order, a station"
        value={search.subject}
        onSet={(subject) => set({ subject })}
      />
      <TextInput
        label="From"
        type="date"
        value={search.from ?? ""}
        onChange={(event) => set({ from: textOf(event.currentTarget.value) })}
      />
      <TextInput
        label="To"
        type="date"
        value={search.to ?? ""}
        onChange={(event) => set({ to: textOf(event.currentTarget.value) })}
      />
    </div>
  );
}

/** Asked for when somebody has typed to the end: names are looked up whole. */
function Typed(props: {
  readonly label: string;
  readonly hint?: string;
  readonly value: string | undefined;
  readonly onSet: (value: string | undefined) => void;
}) {
  const [{ text, of }, setTyped] = useState({ text: props.value ?? "", of: props.value });
  // By another way than this field, such as the page's own link.
  if (of !== props.value) setTyped({ text: props.value ?? "", of: props.value });
  const setText = (next: string): void => setTyped({ text: next, of });
  const take = (): void => props.onSet(text.trim() === "" ? undefined : text.trim());
  return (
    <TextInput
      label={props.label}
      placeholder={props.hint ?? ""}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={take}
      onKeyDown={(event) => event.key === "Enter" && take()}
    />
  );
}
