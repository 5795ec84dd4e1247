import type { HoldTarget } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Act } from "../act/Act.tsx";
import { useMayHold } from "../act/rights.ts";
import { call } from "../api/client.ts";
import { manage } from "../api/manage.ts";
import { Answered } from "../parts/states.tsx";
import { HOLD_WORDS, queryOf, sayEffect } from "./hold-words.ts";

interface Props {
  readonly target: Extract<HoldTarget, { kind: "nest" | "station" | "line" | "host" }>;
  /** As people call it. */
  readonly name: string;
  readonly isOn: boolean;
}

const AFFECTED = ["stations", "hosts", "holds", "hold-effect", "alarms"];

/** Stops a nest, a station, a line or a host, or lets it go on; what it does stands in the dialog before. */
export function HoldAct({ target, name, isOn }: Props) {
  const mayHold = useMayHold(target.kind);
  const words = HOLD_WORDS[target.kind];
  if (!mayHold) return null;
  if (isOn) {
    return (
      <Act
        key="resume"
        label={words.resume}
        title={words.resumes(name)}
        needs="liftHold"
        verb={words.resume}
        initial={{ reason: "" }}
        run={({ reason }) => call("liftHold", { body: { target, reason } })}
        affects={AFFECTED}
        done={() => `${name} takes units again.`}
      >
        {() => <p>It takes units again with the next scan.</p>}
      </Act>
    );
  }
  return (
    <Act
      key="stop"
      label={words.stop}
      title={words.stops(name)}
      needs="setHold"
      weight="danger"
      verb={words.stop}
      initial={{ reason: "" }}
      reasonHint="Operators read it at the station"
      run={({ reason }) => call("setHold", { body: { target, reason } })}
      affects={AFFECTED}
      done={() => `${name} takes no more units.`}
    >
      {() => <Effect target={target} />}
    </Act>
  );
}

function Effect({ target }: Pick<Props, "target">) {
  const effect = useQuery(manage.holdEffect(queryOf(target)));
  return (
    <Answered query={effect} lines={2}>
      {(data) => (
        <ul className="effects">
          {sayEffect(data).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </Answered>
  );
}
