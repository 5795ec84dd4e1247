import type { StationPageView } from "@flashline/contract";
import { Icon } from "../shared/icons.tsx";
import type { Words } from "./words/en.ts";

interface Props {
  readonly words: Words;
  readonly loading: boolean;
  readonly before: StationPageView | null;
}

/** Nothing is known: grey and hatched all over, and no verdict of before is left to be believed. */
export function LostPage({ words, loading, before }: Props) {
  return (
    <main className="lost hatch">
      <div className="told" role="alert">
        {loading ? (
          <h1 className="title">{words.loading}</h1>
        ) : (
          <>
            <Icon name="question" size={96} />
            <h1 className="title">{words.lostTitle}</h1>
            <p className="long">{words.lostLong}</p>
            <p className="do">{words.lostDo}</p>
            {before !== null && <p className="where">{words.pageTitle(before.station)}</p>}
          </>
        )}
      </div>
    </main>
  );
}
