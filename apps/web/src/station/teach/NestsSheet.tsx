import { isKnownCode, type NestChange, type StationPageView } from "@flashline/contract";
import { useEffect, useState } from "react";
import { useConnection } from "../connection.ts";
import { goBack, useWayBack } from "../sheet/way-back.ts";
import { useSettings } from "../use-settings.ts";
import type { Words } from "../words/en.ts";
import { LOCALES, wordsOf } from "../words/language.ts";
import { changeNests } from "./change-nests.ts";
import { FreePort } from "./FreePort.tsx";
import { TaughtNest } from "./TaughtNest.tsx";
import "../sheet/sheet.css";
import "./teach.css";

/** Which ports the nests are: taught with a unit in the nest, named, renamed, removed. Takes no scans. */
export default function NestsSheet() {
  const { language } = useSettings();
  const words = wordsOf(language);
  const { view } = useConnection();
  const [asked, setAsked] = useState<NestChange | null>(null);
  const [sent, setSent] = useState(0);
  const [refused, setRefused] = useState<string | null>(null);
  const [waiting, setWaiting] = useState(false);
  useEffect(() => {
    document.documentElement.lang = LOCALES[language];
    document.title = wordsOf(language).nests.title;
  }, [language]);
  const ports = view?.teach.ports.map(({ portPath }) => portPath).join();
  useWayBack(`${ports} ${sent} ${asked?.name}`);

  const ask = (change: NestChange): void => {
    setRefused(null);
    setAsked(change);
  };
  async function send(change: NestChange): Promise<void> {
    setWaiting(true);
    const code = await changeNests(change);
    setWaiting(false);
    setAsked(null);
    setRefused(code);
    setSent((count) => count + 1);
  }

  return (
    <div className="sheet teach">
      <nav>
        <button type="button" onClick={goBack}>
          {words.backToStation}
        </button>
      </nav>
      <main aria-busy={waiting}>
        <h1>{words.nests.title}</h1>
        {refused !== null && (
          <p role="alert" className="refused">
            {isKnownCode(refused) ? words.action(refused) : words.nests.notDone}
          </p>
        )}
        {asked !== null && (
          <Confirm
            words={words}
            question={questionOf(asked, words)}
            waiting={waiting}
            onYes={() => void send(asked)}
            onNo={() => setAsked(null)}
          />
        )}
        {view === null ? (
          <p role="status">{words.nests.noAnswer}</p>
        ) : (
          <Content view={view} words={words} sent={sent} onChange={ask} />
        )}
      </main>
    </div>
  );
}

function questionOf(change: NestChange, { nests }: Words): string {
  switch (change.change) {
    case "teach":
      return (change.moves ? nests.askMove : nests.askAdd)(change.name, change.portPath);
    case "rename":
      return nests.askRename(change.name, change.to);
    case "remove":
      return nests.askRemove(change.name);
  }
}

function Confirm(props: {
  readonly words: Words;
  readonly question: string;
  readonly waiting: boolean;
  readonly onYes: () => void;
  readonly onNo: () => void;
}) {
  const { words, waiting } = props;
  return (
    <section className="confirm" role="alertdialog" aria-label={props.question}>
      <p>{props.question}</p>
      <button type="button" className="main" onClick={props.onYes} disabled={waiting}>
        {words.nests.yes}
      </button>
      <button type="button" onClick={props.onNo} disabled={waiting}>
        {words.nests.no}
      </button>
    </section>
  );
}

function Content(props: {
  readonly view: StationPageView;
  readonly words: Words;
  /** Counts what was sent: forms begin anew. */
  readonly sent: number;
  readonly onChange: (change: NestChange) => void;
}) {
  const { view, words, sent, onChange } = props;
  const names = view.nests.map(({ name }) => name);
  return (
    <>
      <section className="free" aria-live="polite">
        <h2>{words.nests.plug}</h2>
        {view.teach.ports.length === 0 && <p className="waits">{words.nests.noUnit}</p>}
        {view.teach.ports.map((port) => (
          <FreePort
            key={`${port.portPath} ${sent}`}
            port={port}
            names={names}
            words={words}
            onChange={onChange}
          />
        ))}
      </section>
      {names.length === 0 ? (
        <p>{words.nests.none}</p>
      ) : (
        <ul>
          {view.nests.map((nest) => (
            <TaughtNest
              key={`${nest.name} ${sent}`}
              nest={nest}
              isBound={view.teach.bound.includes(nest.name)}
              words={words}
              onChange={onChange}
            />
          ))}
        </ul>
      )}
    </>
  );
}
