import type { StationPageView } from "@flashline/contract";
import { type CSSProperties, useEffect, useRef, useState } from "react";
import { tell, useConnection } from "./connection.ts";
import { LastUnits } from "./LastUnits.tsx";
import { LostPage } from "./LostPage.tsx";
import { Notice } from "./Notice.tsx";
import { gridFor } from "./nests/grid.ts";
import { firstToAcknowledge } from "./nests/look.ts";
import { NestCard } from "./nests/NestCard.tsx";
import { StationHeader } from "./StationHeader.tsx";
import { type KeyCommand, useKeyboard } from "./scan/use-keyboard.ts";
import { createPlayer } from "./sound/player.ts";
import { soundFor } from "./sound/tones.ts";
import type { Words } from "./words/en.ts";
import { chooseLanguage, nextLanguage, wordsOf } from "./words/language.ts";

const play = createPlayer();

export function StationApp() {
  const connection = useConnection();
  const view = connection.view;
  const field = useRef<HTMLInputElement>(null);
  const [language, setLanguage] = useState(() =>
    chooseLanguage(location.search, localStorage.getItem("language"), navigator.language),
  );
  const [sound, setSound] = useState(() => localStorage.getItem("sound") !== "off");
  const [own, setOwn] = useState<string | null>(null);
  const words = wordsOf(language);

  const send = (...[action, body]: Parameters<typeof tell>): void => {
    setOwn(null);
    void tell(action, body).then((heard) => {
      if (!heard) setOwn(action === "call-lead" ? words.leadNotCalled : words.notSent);
    });
  };
  const command = (what: KeyCommand): void => {
    switch (what) {
      case "start":
      case "call-lead":
        send(what);
        return;
      case "acknowledge": {
        const nest = firstToAcknowledge(view?.nests ?? []);
        if (nest !== undefined) send("acknowledge", { nest: nest.name });
        return;
      }
      case "language":
        localStorage.setItem("language", nextLanguage(language));
        setLanguage(nextLanguage(language));
        return;
      case "sound":
        localStorage.setItem("sound", sound ? "off" : "on");
        setSound(!sound);
        return;
    }
  };
  useKeyboard(field, (text) => send("scan", { text }), command);
  useSounds(view, sound);
  useEffect(() => {
    document.documentElement.lang = language;
    if (view !== null) document.title = wordsOf(language).pageTitle(view.station);
  }, [language, view]);

  return (
    <div className={`page ${connection.state}`}>
      {view === null ? <header /> : <StationHeader view={view} words={words} />}
      <form
        className="scan"
        aria-label={words.scanUnit}
        onSubmit={(event) => event.preventDefault()}
      >
        <input
          ref={field}
          className="field mono"
          aria-label={words.scanUnit}
          placeholder={placeholderOf(view, words)}
          autoComplete="off"
          autoCorrect="off"
          autoCapitalize="off"
          spellCheck={false}
          maxLength={200}
        />
        <StartButton view={view} words={words} onStart={() => command("start")} />
      </form>
      {view === null ? (
        <LostPage
          words={words}
          loading={connection.state === "loading"}
          before={connection.state === "lost" ? connection.before : null}
        />
      ) : (
        <>
          <Notice view={view} language={language} own={own} />
          <main>
            <Nests>
              {view.nests.map((nest) => (
                <NestCard
                  key={nest.name}
                  nest={nest}
                  language={language}
                  virtual={view.virtual}
                  first={firstToAcknowledge(view.nests) === nest}
                  onAcknowledge={(name) => send("acknowledge", { nest: name })}
                />
              ))}
            </Nests>
            <LastUnits last={view.last} words={words} onCallLead={() => command("call-lead")} />
          </main>
        </>
      )}
      <footer>
        <span>
          <kbd>Scan</kbd> {words.keyScan}
        </span>
        <span>
          <kbd>Space</kbd> {words.keyStart}
        </span>
        <span>
          <kbd>Esc</kbd> {words.keyAcknowledge}
        </span>
        <span className="space" />
        <button type="button" onClick={() => command("sound")} aria-pressed={sound}>
          <kbd>F9</kbd> {sound ? words.soundOn : words.soundOff}
        </button>
        <button type="button" onClick={() => command("language")}>
          <kbd>F4</kbd> {words.language}
        </button>
      </footer>
    </div>
  );
}

function Nests({ children }: { readonly children: readonly React.ReactNode[] }) {
  const { columns, rows } = gridFor(children.length);
  const style = { "--long": columns, "--short": rows } as CSSProperties;
  return (
    <ul className="nests" style={style}>
      {children}
    </ul>
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

/** One sound for each change of the view, also when two views arrive between two paints. */
function useSounds(view: StationPageView | null, on: boolean): void {
  const before = useRef<StationPageView | null>(null);
  useEffect(() => {
    const sound = view === null ? null : soundFor(before.current, view);
    before.current = view;
    if (sound !== null && on) play(sound);
  }, [view, on]);
}
