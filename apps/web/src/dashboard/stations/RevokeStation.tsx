import type { StationView } from "@flashline/contract";
import { counted } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import { call } from "../api/client.ts";

/** Ends what a station's PC comes in with. */
export function RevokeStation({ station }: { readonly station: StationView }) {
  const { name, queuedResults, nests } = station;
  const working = nests.filter(({ state }) => state === "busy" || state === "starting").length;
  return (
    <Act
      label="Revoke"
      title={`Revoke the PC of ${name}?`}
      needs="revokeStation"
      weight="danger"
      verb={`Revoke ${name}`}
      keep="Keep it"
      initial={{ reason: "" }}
      run={({ reason }) => call("revokeStation", { params: { id: name }, body: { reason } })}
      affects={["stations", "alarms"]}
      done={() => `${name} is not let in any more. Its history stays.`}
    >
      {() => (
        <ul className="effects">
          <li>Its credential ends at once, and so do tokens that wait for a PC.</li>
          {working > 0 && (
            <li>
              {counted(working, "unit")} in work: what becomes of {working === 1 ? "it" : "them"} is
              not known here until the PC is enrolled again.
            </li>
          )}
          {queuedResults > 0 && (
            <li className="bad-text">
              {counted(queuedResults, "result")} wait there and do not come any more. Let it send
              them before.
            </li>
          )}
          <li>
            The station and everything that it flashed stay. Another PC may be enrolled as it.
          </li>
        </ul>
      )}
    </Act>
  );
}
