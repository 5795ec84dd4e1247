import type { AlarmView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Act } from "../act/Act.tsx";
import { Quick } from "../act/Quick.tsx";
import { call } from "../api/client.ts";
import { queries } from "../api/queries.ts";

/** What may be done about an open alarm: take it, take it over, end a call. */
export function AlarmActs({ alarm }: { readonly alarm: AlarmView }) {
  const { data: session } = useQuery(queries.session());
  if (alarm.recoveredAt !== null) return null;
  const { id, takenBy } = alarm;
  const params = { id };
  return (
    <span className="row-acts">
      {takenBy === null && (
        <Quick
          label="I take it"
          needs="takeAlarm"
          isFirst
          run={() => call("takeAlarm", { params, body: {} })}
          affects={["alarms"]}
          done={() => "It is yours: everybody sees it."}
        />
      )}
      {takenBy !== null && takenBy !== session?.name && (
        <Act
          label="Take over"
          title={`Take it over from ${takenBy}?`}
          needs="takeAlarm"
          verb="Take it over"
          initial={{}}
          run={() => call("takeAlarm", { params, body: { from: takenBy } })}
          affects={["alarms"]}
          done={() => "It is yours: everybody sees it."}
        >
          {() => (
            <p>
              {takenBy} looks after it now. {alarm.message}
            </p>
          )}
        </Act>
      )}
      {alarm.rule === "lead.called" && (
        <Act
          label="End the call"
          title="End this call for the lead?"
          needs="endAlarm"
          verb="End it"
          initial={{ reason: "" }}
          run={({ reason }) => call("endAlarm", { params, body: { reason } })}
          affects={["alarms"]}
          done={() => "The call ended; the station shows it."}
        >
          {() => <p>{alarm.message}</p>}
        </Act>
      )}
    </span>
  );
}
