import { firstToAcknowledge, type StationPageView } from "@flashline/contract";
import { useEffect, useRef, useState } from "react";
import { tell, useConnection } from "./connection.ts";
import { Decision } from "./Decision.tsx";
import { KeysFooter } from "./KeysFooter.tsx";
import { keyboardText } from "./keyboard-text.ts";
import { LabelDecision } from "./LabelDecision.tsx";
import { LastUnits } from "./LastUnits.tsx";
import { LeadCall, LeadKey } from "./LeadCall.tsx";
import { LostPage } from "./LostPage.tsx";
import { Notice, type OwnNotice } from "./Notice.tsx";
import { Nests } from "./nests/Nests.tsx";
import { StationHeader } from "./StationHeader.tsx";
import { ScanForm } from "./scan/ScanForm.tsx";
import { type KeyCommand, useKeyboard } from "./scan/use-keyboard.ts";
import { type Asked, whileAsked } from "./scan/while-asked.ts";
import { useSounds } from "./sound/use-sounds.ts";
import { useSettings } from "./use-settings.ts";
import { LOCALES, wordsOf } from "./words/language.ts";

/** How many nests want the room that the list of the last units would take. */
const manyOf = (nests: number): string =>
  nests <= 1 ? "one" : nests <= 4 ? "some" : nests <= 8 ? "many" : "most";

function askedOf(view: StationPageView | null): Asked {
  if (view === null) return null;
  if (view.decision !== null) return view.decision.ownWords ? "own-words" : "reason";
  return view.labelAsked === null ? null : "label";
}

export function StationApp() {
  const connection = useConnection();
  const { view } = connection;
  const field = useRef<HTMLInputElement>(null);
  const wordsField = useRef<HTMLInputElement>(null);
  const asked = askedOf(view);
  const givesReason = asked === "own-words";
  const settings = useSettings();
  const { language, sound } = settings;
  const words = wordsOf(language);
  const [own, setOwn] = useState<OwnNotice | null>(null);
  const sounds = useSounds(view, sound);
  const count = view?.notice.count ?? null;
  // What the agent says later is about something later. Before it is there again it has said nothing.
  if (own !== null && count !== null && own.after !== count) {
    setOwn(own.after === null ? { ...own, after: count } : null);
  }
  const latest = useRef<number | null>(null);
  useEffect(() => {
    latest.current = count;
  });
  const say = (text: string, kind: OwnNotice["kind"]): void => {
    setOwn({ text, kind, at: performance.now(), after: latest.current });
    sounds(kind === "refused" ? "refused" : "accepted");
  };

  /** Counts what was sent: what is told of one is not taken for the next one's answer. */
  const sent = useRef(0);
  const send = (...[action, body]: Parameters<typeof tell>): void => {
    setOwn(null);
    sent.current += 1;
    const turn = sent.current;
    void tell(action, body).then((heard) => {
      if (!heard && turn === sent.current)
        say(action === "call-lead" ? words.leadNotCalled : words.notSent, "refused");
    });
  };
  const command = (what: KeyCommand): void => {
    const meaning = whileAsked(what, asked);
    if (meaning === "ignore") return;
    if (meaning === "cancel") {
      if (asked === "label") send("decide-label", { decision: null });
      else send("decide", { reason: null });
      return;
    }
    switch (what) {
      case "start":
      case "call-lead":
        send(what);
        break;
      case "acknowledge": {
        const nest = firstToAcknowledge(view?.nests ?? []);
        if (nest !== undefined) send(what, { nest: nest.name });
        break;
      }
      case "language":
        settings.switchLanguage();
        break;
      case "sound":
        settings.switchSound();
        break;
    }
  };
  useKeyboard(givesReason ? wordsField : field, {
    onLine(text) {
      const keyboard = keyboardText(text, language);
      if (keyboard === null) send("scan", { text });
      else say(keyboard.text, keyboard.kind);
    },
    onCommand: command,
    // Words of one's own may need one.
    onInputMethod: () => givesReason || say(words.inputMethod, "refused"),
  });
  useEffect(() => {
    document.documentElement.lang = LOCALES[language];
    if (view !== null) document.title = wordsOf(language).pageTitle(view.station);
  }, [language, view]);

  return (
    <div className={`page ${connection.state}`}>
      {view === null ? <header /> : <StationHeader view={view} language={language} />}
      <ScanForm view={view} words={words} field={field} onStart={() => command("start")}>
        {view !== null && (
          <LeadKey
            call={view.call}
            words={words}
            onCall={() => command("call-lead")}
            onEnd={() => send("end-call")}
          />
        )}
      </ScanForm>
      {view === null ? (
        <LostPage
          words={words}
          loading={connection.state === "loading"}
          before={connection.state === "lost" ? connection.before : null}
        />
      ) : (
        <>
          <Notice view={view} language={language} own={own}>
            <LeadCall call={view.call} server={view.server} words={words} />
          </Notice>
          <main data-nests={manyOf(view.nests.length)}>
            <Nests
              view={view}
              language={language}
              onAcknowledge={(nest) => send("acknowledge", { nest })}
              onReprint={(nest) => send("ask-label", { nest })}
            />
            <LastUnits last={view.last} language={language} />
          </main>
          <Decision
            view={view}
            words={words}
            field={wordsField}
            onDecide={(reason) => send("decide", { reason })}
            onSay={(text) => text.trim() !== "" && send("scan", { text })}
          />
          <LabelDecision
            asked={view.labelAsked}
            words={words}
            onDecide={(decision) => send("decide-label", { decision })}
            onRetry={(nest) => send("acknowledge", { nest })}
          />
        </>
      )}
      <KeysFooter words={words} sound={sound} onCommand={command} />
    </div>
  );
}
