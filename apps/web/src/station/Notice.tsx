import type { StationPageView } from "@flashline/contract";
import { Icon } from "../shared/icons.tsx";
import { type Language, sentence, wordsOf } from "./words/language.ts";

interface Props {
  readonly view: StationPageView;
  readonly language: Language;
  /** What the page itself has to say, before anything of the agent. */
  readonly own: string | null;
}

/** The line under the field: what the last scan did. The server's absence stands beside it as long as it lasts. */
export function Notice({ view, language, own }: Props) {
  const { notice } = view;
  const refused = own !== null || notice.kind === "refused";
  const text = own ?? sentence(language, notice.text);
  return (
    <div className="notices">
      {view.server === "away" && (
        <p className="away hatch" role="status">
          <Icon name="warning" size={20} />
          {wordsOf(language).serverAwayLong(view.queuedResults)}
        </p>
      )}
      <p
        key={own ?? notice.count}
        className={`notice ${refused ? "refused" : ""}`}
        role={refused ? "alert" : "status"}
      >
        {text !== "" && refused && <Icon name="barred" size={22} />}
        <span className="text">{text}</span>
        {own === null &&
          text !== "" &&
          notice.scanned !== null &&
          !text.includes(notice.scanned) && <span className="scanned mono">{notice.scanned}</span>}
      </p>
    </div>
  );
}
