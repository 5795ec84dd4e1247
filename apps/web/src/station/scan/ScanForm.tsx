import type { StationPageView } from "@flashline/contract";
import type { RefObject } from "react";
import type { Words } from "../words/en.ts";

/** The one field, and the button beside it. What is typed is heard by the keyboard's hook, wherever the focus is. */
export function ScanForm(props: {
  readonly view: StationPageView | null;
  readonly words: Words;
  readonly field: RefObject<HTMLInputElement | null>;
  readonly onStart: () => void;
}) {
  const { view, words } = props;
  return (
    <form className="scan" aria-label={words.scanUnit} onSubmit={(event) => event.preventDefault()}>
      <input
        ref={props.field}
        className="field mono"
        aria-label={words.scanUnit}
        placeholder={placeholderOf(view, words)}
        autoComplete="off"
        autoCorrect="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={200}
      />
      <StartButton view={view} words={words} onStart={props.onStart} />
    </form>
  );
}

function StartButton(props: {
  readonly view: StationPageView | null;
  readonly words: Words;
  readonly onStart: () => void;
}) {
  const ready = (props.view?.nests ?? []).filter((nest) => nest.state === "ready");
  const names = ready.map((nest) => nest.name).join(", ");
  return (
    <button
      type="button"
      className={`start ${ready.length === 0 ? "idle" : ""}`}
      disabled={props.view === null}
      onClick={props.onStart}
    >
      {props.words.start}
      <small>
        {ready.length === 0 ? props.words.startKeys : props.words.startNests(names, ready.length)}
      </small>
    </button>
  );
}

function placeholderOf(view: StationPageView | null, words: Words): string {
  if (view === null) return "";
  const next = view.nests.find((nest) => nest.next);
  if (next !== undefined) return words.scanFor(next.name);
  return view.nests.every((nest) => nest.state === "empty") ? words.plugFirst : words.scanUnit;
}
