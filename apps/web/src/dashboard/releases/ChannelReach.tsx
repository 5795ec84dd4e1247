import { useQuery } from "@tanstack/react-query";
import { manage } from "../api/manage.ts";
import { Answered } from "../parts/states.tsx";
import { sayReach } from "./reach.ts";

/** What moving a channel to a release would reach; nothing while no release was chosen. */
export function ChannelReach({
  release,
  channel,
}: {
  readonly release: string | undefined;
  readonly channel: string;
}) {
  return release === undefined ? null : <Reach release={release} channel={channel} />;
}

function Reach({ release, channel }: { readonly release: string; readonly channel: string }) {
  const dryRun = useQuery(manage.dryRun(release, { channels: channel }));
  return (
    <Answered query={dryRun} lines={1}>
      {(run) => <p>{sayReach(run, "channel")}</p>}
    </Answered>
  );
}
