import type { StationPageView } from "@flashline/contract";
import type { RefObject } from "react";
import { type NextAct, nextAct } from "../nests/next-act.ts";
import type { Words } from "../words/en.ts";

/** The one field, and the button beside it. What is typed is heard by the keyboard's hook, wherever the focus is. */
export function ScanForm(props: {
  readonly view: StationPageView | null;
  readonly words: Words;
  readonly field: RefObject<HTMLInputElement | null>;
  readonly onStart: () => void;
  /** Beside the button. */
  readonly children: React.ReactNode;
}) {
  const { view, words } = props;
  return (
    <form className="scan" aria-label={words.scanUnit} onSubmit={(event) => event.preventDefault()}>
      <div className="slot">
        <input
          ref={props.field}
          className="field mono"
          aria-label={words.scanUnit}
          placeholder={placeholderOf(view, words)}
          data-badge={view?.badgePrefix ?? undefined}
          autoComplete="off"
          autoCorrect="off"
          autoCapitalize="off"
          spellCheck={false}
          maxLength={200}
        />
        <Band act={view === null ? null : nextAct(view.nests, view.kept?.nest)} words={words} />
      </div>
      <StartButton view={view} words={words} onStart={props.onStart} />
      {props.children}
    </form>
  );
}

/** The next thing to do, over the empty field, to be read from three metres. The field's own words say it to a screen reader. */
function Band({ act, words }: { readonly act: NextAct | null; readonly words: Words }) {
  if (act === null) return null;
  return (
    <div className={`band ${act.state}`} aria-hidden="true">
      <span className="number">{act.nest}</span>
      <span className="what">{words.acts[act.act]}</span>
    </div>
  );
}

function StartButton(props: {
  readonly view: StationPageView | null;
  readonly words: Words;
  readonly onStart: () => void;
}) {
  const all = (props.view?.nests ?? []).filter((nest) => nest.state === "ready");
  // A nest whose barcode was scanned is started alone.
  const chosen = all.filter((nest) => nest.next);
  const ready = chosen.length === 0 ? all : chosen;
  const names = ready.map((nest) => nest.name).join(", ");
  const idle =
    props.view?.way === "start-when-plugged" ? props.words.startsItself : props.words.startKeys;
  return (
    <button
      type="button"
      className={`start ${ready.length === 0 ? "idle" : ""}`}
      disabled={props.view === null}
      onClick={props.onStart}
    >
      <span className="key">{props.words.start}</span>
      <small>{ready.length === 0 ? idle : props.words.startNests(names, ready.length)}</small>
    </button>
  );
}

function placeholderOf(view: StationPageView | null, words: Words): string {
  if (view === null) return "";
  if (view.badgeNeeded) return words.scanBadge;
  const next = view.nests.find((nest) => nest.next);
  if (next?.state === "label") return words.scanLabelFor(next.name);
  if (next !== undefined) return words.scanFor(next.name);
  if (view.kept !== null) return words.plugScanned(view.kept.serial);
  if (view.way === "nest-then-unit") return words.scanNest;
  if (view.way !== "single") return words.scanUnit;
  return view.nests.every((nest) => nest.state === "empty") ? words.plugFirst : words.scanUnit;
}
