import type { CallView, StationPageView } from "@flashline/contract";
import { Elapsed } from "../shared/Elapsed.tsx";
import { Icon } from "../shared/icons.tsx";
import type { Words } from "./words/en.ts";

interface Props {
  readonly call: CallView | null;
  readonly server: StationPageView["server"];
  readonly words: Words;
  readonly onCall: () => void;
  readonly onEnd: () => void;
}

/** The key that calls the lead. */
export function LeadKey({ call, words, onCall, onEnd }: Omit<Props, "server">) {
  const open = call?.state === "called" || call?.state === "taken";
  return open ? (
    <button type="button" className="lead" onClick={onEnd}>
      {words.leadHere}
    </button>
  ) : (
    <button type="button" className="lead" disabled={call?.state === "calling"} onClick={onCall}>
      {words.callLead}
      <kbd>F2</kbd>
    </button>
  );
}

/** What became of the call. Nothing here says that somebody comes unless somebody said so. */
export function LeadCall({ call, server, words }: Pick<Props, "call" | "server" | "words">) {
  if (call === null) {
    return server === "away" ? (
      <p className="became" role="status">
        {words.leadUnreachable}
      </p>
    ) : null;
  }
  switch (call.state) {
    case "calling":
      return (
        <p className="became" role="status">
          {words.leadCalling}
        </p>
      );
    case "not-sent":
      return (
        <p className="became nobody" role="alert">
          <Icon name="warning" size={22} /> {words.leadNotCalled}
        </p>
      );
    case "called":
      return call.overdue ? (
        <p className="became nobody" role="alert">
          <Icon name="warning" size={22} /> {words.leadNotComing}
        </p>
      ) : (
        <p className="became" role="status">
          <Icon name="clock" size={22} /> {words.leadCalled} <Elapsed since={call.at} />
        </p>
      );
    case "taken":
      return (
        <p className="became comes" role="status">
          <Icon name="check" size={22} /> {words.leadComes(call.by)}
        </p>
      );
  }
}
