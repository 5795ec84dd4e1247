import type { StationPageView } from "@flashline/contract";
import { useEffect, useState } from "react";
import { Icon } from "../shared/icons.tsx";
import type { Words } from "./words/en.ts";

interface Props {
  readonly words: Words;
  readonly loading: boolean;
  readonly before: StationPageView | null;
}

/** So long a new version may take to come up; then the agent is lost like any other. Milliseconds. */
const UPDATE_MS = 60_000;

function useOver(ms: number): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return isOver;
}

/** Nothing is known: grey and hatched all over, and no verdict of before is left to be believed. */
export function LostPage({ words, loading, before }: Props) {
  const isLate = useOver(UPDATE_MS);
  const isUpdating = !loading && before !== null && before.update !== null && !isLate;
  return (
    <main className="lost hatch">
      <div className="told" role="alert">
        {loading || isUpdating ? (
          <h1 className="title">{loading ? words.loading : words.updating}</h1>
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
