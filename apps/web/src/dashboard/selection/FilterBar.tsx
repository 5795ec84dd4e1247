import "../styles/selection.css";
import { usePlantZone } from "../parts/PageHead.tsx";
import { AddFilter } from "./AddFilter.tsx";
import { Chosen } from "./Chosen.tsx";
import { CopyLink } from "./CopyLink.tsx";
import { SavedViews } from "./SavedViews.tsx";
import { chosenOf, type Selection, type SelectionKey } from "./selection.ts";
import { WindowPicker } from "./WindowPicker.tsx";
import { sayTime } from "./words.ts";

interface Props {
  readonly selection: Selection;
  /** What the page shows where no time is given, in words. */
  readonly timeWithout: "Today" | "All times";
  readonly without?: readonly SelectionKey[];
  readonly onChange: (change: Selection) => void;
  /** What belongs to this page alone. */
  readonly children?: React.ReactNode;
}

/** Which attempts are meant: the same bar on all pages of Analyse, and all of it in the address. */
export function FilterBar({ selection, timeWithout, without = [], onChange, children }: Props) {
  const zone = usePlantZone();
  const chosen = chosenOf(selection).filter(([key]) => !without.includes(key));
  return (
    <search className="filter-bar" aria-label="Which attempts">
      <WindowPicker
        selection={selection}
        without={timeWithout}
        allTimes={timeWithout === "All times"}
        onChange={onChange}
      />
      <b className="on-paper">{sayTime(selection, timeWithout, zone)}</b>
      {children}
      {chosen.map(([key, value]) => (
        <Chosen
          key={key}
          name={key}
          value={value}
          selection={selection}
          onRemove={() =>
            onChange({ [key]: undefined, ...(key === "station" ? { nest: undefined } : {}) })
          }
        />
      ))}
      <AddFilter selection={selection} without={without} onChange={onChange} />
      <span className="space" />
      <SavedViews />
      <CopyLink selection={selection} timeWithout={timeWithout} />
    </search>
  );
}
