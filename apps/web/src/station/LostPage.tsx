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
    <main className="lost hatch" role="alert">
      {loading ? (
        <p className="title">{words.loading}</p>
      ) : (
        <>
          <Icon name="question" size={96} />
          <p className="title">{words.lostTitle}</p>
          <p className="long">{words.lostLong}</p>
          <p className="do">{words.lostDo}</p>
          {before !== null && <p className="where">{words.pageTitle(before.station)}</p>}
        </>
      )}
    </main>
  );
}
