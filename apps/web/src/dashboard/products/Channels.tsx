import type { ChannelView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { counted } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import type { Column } from "../act/DataTable.tsx";
import { ChoiceField, TextField } from "../act/fields.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { call } from "../api/client.ts";
import { manage } from "../api/manage.ts";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Answered } from "../parts/states.tsx";
import { when } from "../parts/time.ts";
import { ChannelReach } from "../releases/ChannelReach.tsx";

/** Named lines of a product's releases, which orders follow. */
export function Channels({ product }: { readonly product: string }) {
  const channels = useQuery(manage.channels(product));
  const zone = usePlantZone();
  const columns: readonly Column<ChannelView>[] = [
    { name: "Channel", csv: ({ name }) => name, cell: ({ name }) => <b>{name}</b> },
    {
      name: "Release",
      csv: ({ version }) => version,
      cell: ({ version, releaseId }) =>
        version === null || releaseId === null ? (
          <span className="warn-text">empty: its orders take no units</span>
        ) : (
          <Link to="/releases/$id" params={{ id: releaseId }}>
            {version}
          </Link>
        ),
    },
    {
      name: "Open orders that follow it",
      csv: ({ orders }) => orders.join(" "),
      cell: ({ orders }) => orders.join(", ") || <span className="soft">none</span>,
      className: "wrap",
    },
    {
      name: "Moved",
      csv: ({ movedAt, createdAt }) => movedAt ?? createdAt,
      cell: ({ movedAt, movedBy, createdAt, createdBy }) => (
        <span className="soft">
          {when(movedAt ?? createdAt, zone)} by {movedBy ?? createdBy}
        </span>
      ),
    },
    {
      name: "Actions",
      cell: (channel) => (
        <span className="row-acts">
          <MoveChannel channel={channel} />
          {channel.orders.length === 0 && <RemoveChannel channel={channel} />}
        </span>
      ),
    },
  ];
  return (
    <Answered query={channels} lines={2}>
      {(rows) => (
        <TableCard
          title="Channels"
          name={`Channels of ${product}`}
          rows={rows}
          keyOf={({ id }) => id}
          columns={columns}
          acts={<AddChannel product={product} />}
          empty={[
            "No channels.",
            "An order that follows a channel gets another release when the channel is moved.",
          ]}
        />
      )}
    </Answered>
  );
}

function AddChannel({ product }: { readonly product: string }) {
  return (
    <Act
      label="Add a channel"
      title={`Add a channel to ${product}`}
      needs="addChannel"
      verb="Add the channel"
      initial={{ name: "", reason: "" }}
      ready={({ name }) => name !== ""}
      run={({ name, reason }) => call("addChannel", { body: { product, name, reason } })}
      affects={["channels"]}
      done={({ body, status }) =>
        status === 200
          ? `Channel ${body.name} is there already.`
          : `Channel ${body.name} was added. Move a release into it.`
      }
    >
      {(form) => (
        <TextField
          form={form}
          name="name"
          label="Name"
          required
          hint='Small letters, digits and "-": stable, pilot'
          placeholder="stable"
        />
      )}
    </Act>
  );
}

function MoveChannel({ channel }: { readonly channel: ChannelView }) {
  const releases = useQuery(manage.releasesOf(channel.product));
  const movable = (releases.data ?? []).filter(
    ({ state, version }) => state === "released" && version !== channel.version,
  );
  return (
    <Act
      label="Move"
      title={`Move ${channel.name} to another release`}
      needs="moveChannel"
      verb={({ version }) => (version === "" ? "Move" : `Move to ${version}`)}
      initial={{ version: "", reason: "" }}
      ready={({ version }) => version !== ""}
      run={({ version, reason }) =>
        call("moveChannel", { params: { id: channel.id }, body: { version, reason } })
      }
      affects={["channels", "work-orders", "releases", "release", "stations"]}
      done={({ body }) =>
        `${body.name} has ${body.version ?? "nothing"}: ${counted(body.orders.length, "order")} of it get that from the next unit on.`
      }
    >
      {(form) => (
        <>
          <ChoiceField
            form={form}
            name="version"
            label="Release"
            hint="Only what is released; an earlier one too"
            choices={[
              ["", "Choose one"],
              ...movable.map(({ version }) => [version, version] as const),
            ]}
          />
          <ChannelReach
            release={movable.find(({ version }) => version === form.values.version)?.id}
            channel={channel.name}
          />
        </>
      )}
    </Act>
  );
}

function RemoveChannel({ channel }: { readonly channel: ChannelView }) {
  return (
    <Act
      label="Remove"
      title={`Remove channel ${channel.name}?`}
      needs="removeChannel"
      weight="danger"
      verb="Remove it"
      keep="Keep it"
      initial={{ reason: "" }}
      run={({ reason }) => call("removeChannel", { params: { id: channel.id }, query: { reason } })}
      affects={["channels"]}
      done={() => `Channel ${channel.name} was removed.`}
    >
      {() => <p>No open order follows it. Releases stay as they are.</p>}
    </Act>
  );
}
