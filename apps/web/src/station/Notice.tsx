import type { StationPageView } from "@flashline/contract";
import { useEffect, useState } from "react";
import { Icon } from "../shared/icons.tsx";
import { Serial } from "../shared/Serial.tsx";
import { type Language, LOCALES, wordsOf } from "./words/language.ts";
import { noticeText, scannedOf } from "./words/notices.ts";

interface Props {
  readonly view: StationPageView;
  readonly language: Language;
  /** What the page itself has to say, before anything of the agent. */
  readonly own: OwnNotice | null;
  /** Beside it: what became of a call for the lead. */
  readonly children: React.ReactNode;
}

/** What the page says of itself. */
export interface OwnNotice {
  readonly text: string;
  readonly kind: "info" | "refused";
  /** Tells a repetition from what stands there already. */
  readonly at: number;
  /** After which notice of the agent it was said; null: the agent was not there. */
  readonly after: number | null;
}

/** After this long nobody stands there any more who could take it for the answer to what was just scanned. */
const SHOWN_MS = 12_000;

function useGoneBy(key: string | number): boolean {
  const [gone, setGone] = useState<string | number | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setGone(key), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [key]);
  return gone === key;
}

/** New units wait for the server, or so many may go on without it. */
function awayText({ grant, queuedResults }: StationPageView, language: Language): string {
  const words = wordsOf(language);
  if (grant === null) return words.serverAwayLong(queuedResults);
  const until = new Date(grant.until).toLocaleTimeString(LOCALES[language], {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  return words.withoutServer(grant.left, until, queuedResults);
}

/**
 * The line under the field: what the last scan did. The server's absence stands beside it as long as it lasts. While the server is
 * away nobody can do anything about results that it refused: they are told again when it is back. Before an update no new unit is started for any
 * reason: the other ones are told after it.
 */
export function Notice({ view, language, own, children }: Props) {
  const { notice } = view;
  const over = useGoneBy(own === null ? notice.count : `own ${own.at}`);
  const waits = own === null && notice.key === "kept" && view.kept !== null;
  const gone = over && !waits;
  const text = gone ? "" : (own?.text ?? noticeText(wordsOf(language), notice));
  const scanned = scannedOf(notice);
  const refused = text !== "" && (own ?? notice).kind === "refused";
  return (
    <div className="notices" data-count={notice.count}>
      {view.server === "away" && view.update === null && (
        <p className="away hatch" role="status">
          <Icon name="warning" size={20} />
          {awayText(view, language)}
        </p>
      )}
      {view.update !== null && (
        <p className="away hatch" role="status">
          <Icon name="clock" size={20} />
          {view.update.nest === null
            ? wordsOf(language).updating
            : wordsOf(language).updatingAfter(view.update.nest)}
        </p>
      )}
      {view.elsewhere && (
        <p className="away hatch" role="status">
          <Icon name="warning" size={20} />
          {wordsOf(language).elsewhere}
        </p>
      )}
      {view.labels === "no-printer" && view.update === null && (
        <p className="away hatch" role="status">
          <Icon name="warning" size={20} />
          {wordsOf(language).noPrinter}
        </p>
      )}
      {view.server !== "away" && view.setAside > 0 && view.update === null && (
        <p className="away hatch" role="status">
          <Icon name="warning" size={20} />
          {wordsOf(language).setAside(view.setAside)}
        </p>
      )}
      <p
        key={own?.at ?? notice.count}
        className={`notice ${refused ? "refused" : ""}`}
        role={refused ? "alert" : "status"}
      >
        {refused && <Icon name="barred" size={22} />}
        <span className="text">{text}</span>
        {own === null && text !== "" && scanned !== null && !text.includes(scanned) && (
          <Serial className="scanned">{scanned}</Serial>
        )}
      </p>
      {children}
    </div>
  );
}
