import type { WebhookView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { count } from "../../shared/format.ts";
import { Icon } from "../../shared/icons.tsx";
import { type Column, CsvButton } from "../act/DataTable.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { manage } from "../api/manage.ts";
import { Badge } from "../parts/Badge.tsx";
import { Facts } from "../parts/Facts.tsx";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { fullTime, when } from "../parts/time.ts";
import { SettingsTabs } from "./SettingsTabs.tsx";
import {
  AddWebhook,
  ChangeWebhook,
  Letters,
  RemoveWebhook,
  RotateSecret,
  TestWebhook,
} from "./WebhookActs.tsx";

const FILE: readonly Column<WebhookView>[] = [
  { name: "Webhook", csv: ({ name }) => name },
  { name: "Address", csv: ({ url }) => url },
  { name: "Events", csv: ({ kinds }) => kinds.join(" ") },
  { name: "On", csv: ({ on }) => on },
  { name: "Behind", csv: ({ behind }) => behind },
  { name: "Dead letters", csv: ({ deadLetters }) => deadLetters },
  { name: "Last error", csv: ({ lastError }) => lastError },
  { name: "Delivered", csv: ({ deliveredAt }) => deliveredAt },
];

/** Endpoints elsewhere that get events of the ledger. */
export function WebhooksPage() {
  const webhooks = useQuery(manage.webhooks());
  const rows = webhooks.data ?? [];
  return (
    <ManagePage title="Webhooks" asOf={webhooks.dataUpdatedAt} acts={<AddWebhook />}>
      <div className="table-tools">
        <SettingsTabs />
        <span className="space" />
        {rows.length > 0 && <CsvButton name="Webhooks" rows={rows} columns={FILE} />}
      </div>
      <Answered query={webhooks}>
        {(all) =>
          all.length === 0 ? (
            <section className="card">
              <Empty title="No webhooks.">
                A webhook sends events of the ledger to an endpoint of yours, as they happen.
              </Empty>
            </section>
          ) : (
            all.map((webhook) => <Webhook key={webhook.id} webhook={webhook} />)
          )
        }
      </Answered>
    </ManagePage>
  );
}

function Webhook({ webhook }: { readonly webhook: WebhookView }) {
  const zone = usePlantZone();
  const { name, url, kinds, on, offReason, behind, failingSince, lastError, tries } = webhook;
  return (
    <section className="card" aria-label={`Webhook ${name}`}>
      <div className="card-head">
        <h2>
          {on ? <Badge state="open" word="On" /> : <Badge state="off" />} {name}
        </h2>
        <span className="row-acts">
          {webhook.deadLetters > 0 && <Letters webhook={webhook} />}
          <TestWebhook webhook={webhook} />
          <ChangeWebhook webhook={webhook} />
          <RotateSecret webhook={webhook} />
          <RemoveWebhook webhook={webhook} />
        </span>
      </div>
      {offReason !== null && (
        <p className="note bad">
          <Icon name="warning" />
          <span>{offReason}</span>
        </p>
      )}
      {failingSince !== null && on && (
        <p className="note">
          <Icon name="warning" />
          <span>
            It takes nothing since {when(failingSince, zone)} ({count(tries)} tries). {lastError}
          </span>
        </p>
      )}
      <Facts
        items={[
          [
            "Address",
            <span key="a" className="mono small">
              {url}
            </span>,
          ],
          ["Events", kinds.includes("*") ? "all" : kinds.join(", ")],
          ["Behind", behind === 0 ? "nothing waits" : `${count(behind)} positions`],
          [
            "Last delivered",
            webhook.deliveredAt === null ? "never" : fullTime(webhook.deliveredAt, zone),
          ],
          ["Added", `${fullTime(webhook.createdAt, zone)} by ${webhook.createdBy}`],
        ]}
      />
    </section>
  );
}
