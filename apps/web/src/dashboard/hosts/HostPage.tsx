import { called } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { queries } from "../api/queries.ts";
import { PageHead } from "../parts/PageHead.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { HostGolden } from "./HostGolden.tsx";
import { HostHistory } from "./HostHistory.tsx";
import { HostLead } from "./HostLead.tsx";
import { HostPacing } from "./HostPacing.tsx";
import { HostShifts } from "./HostShifts.tsx";

/** One host: the verdict on it, its evidence, and what was decided by whom. */
export function HostPage() {
  const { id } = useParams({ from: "/hosts/$id" });
  const hosts = useQuery(queries.hosts());
  const host = hosts.data?.hosts.find((one) => one.id === id);
  return (
    <main>
      <PageHead
        title={host === undefined ? "Host" : called("Host", host.name)}
        asOf={hosts.data?.asOf ?? null}
      >
        <Link to="/hosts" className="b">
          All hosts
        </Link>
      </PageHead>
      <Answered query={hosts}>
        {() =>
          host === undefined ? (
            <section className="card">
              <Empty title="There is no such host.">
                It appears with its first attempt, and stays for fourteen days after its last one.
              </Empty>
            </section>
          ) : (
            <>
              <HostLead host={host} />
              <HostHistory host={host} />
              <div className="two even">
                <HostPacing host={host} />
                <HostShifts host={host} />
              </div>
              <HostGolden host={host} />
            </>
          )
        }
      </Answered>
    </main>
  );
}
