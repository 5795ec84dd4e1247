import type { HostsView, HostView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { counted } from "../../shared/format.ts";
import { queries } from "../api/queries.ts";
import { ChartFrame } from "../parts/chart/ChartFrame.tsx";
import { isDialogOpen } from "../parts/open-dialog.ts";
import { PageHead } from "../parts/PageHead.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { HostLead } from "./HostLead.tsx";
import { HostTable } from "./HostTable.tsx";
import { Matrix } from "./Matrix.tsx";
import { hostsAsTable, leadOf, pacingAsTable, sayHosts } from "./order.ts";

export function HostsPage() {
  const hosts = useQuery(queries.hosts());
  return (
    <main>
      <PageHead title="Hosts" asOf={hosts.data?.asOf ?? null} />
      <Answered query={hosts}>{(view) => <Hosts view={view} />}</Answered>
    </main>
  );
}

const DAY_MS = 86_400_000;
const daysOf = ({ from, asOf }: HostsView): string =>
  counted(Math.round((Date.parse(asOf) - Date.parse(from)) / DAY_MS), "day");

/** The host that the page speaks about first. While somebody answers a question about it, it stays that one, even when another one gets worse. */
function useLead(hosts: HostsView["hosts"]): HostView | undefined {
  const shown = useRef<string>(undefined);
  const kept = isDialogOpen() ? hosts.find(({ id }) => id === shown.current) : undefined;
  const lead = kept ?? leadOf(hosts);
  useEffect(() => {
    shown.current = lead?.id;
  });
  return lead;
}

function Hosts({ view }: { readonly view: HostsView }) {
  const lead = useLead(view.hosts);
  if (view.hosts.length === 0) {
    return (
      <section className="card">
        <Empty title="No host has flashed a unit yet.">
          A host is a line PC with its USB controller. It appears with its first attempt.
        </Empty>
      </section>
    );
  }
  return (
    <>
      {lead === undefined ? (
        <section className="card">
          <p className="say">{sayHosts(view.hosts)}</p>
        </section>
      ) : (
        <HostLead key={lead.id} host={lead} />
      )}
      <div className="two hosts">
        <ChartFrame
          title="All hosts"
          hint={`Units with a link incident in the last ${daysOf(view)}. Upright mark: what the other hosts lose with the same releases and batches.`}
          empty="No host."
          table={hostsAsTable(view.hosts)}
        >
          <HostTable hosts={view.hosts} chosen={lead?.id} />
        </ChartFrame>
        <ChartFrame
          title="Which pacing works where"
          hint="Link incidents by profile; grey: fewer than 20 units."
          empty="No attempts to compare yet."
          table={pacingAsTable(view.byController)}
        >
          <Matrix cells={view.byController} />
        </ChartFrame>
      </div>
    </>
  );
}
