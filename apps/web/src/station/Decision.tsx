import { OVERRIDE_ANSWERS, type OverrideAnswer, type StationPageView } from "@flashline/contract";
import type { RefObject } from "react";
import type { Words } from "./words/en.ts";
import { actionText } from "./words/notices.ts";

interface Props {
  readonly view: StationPageView;
  readonly words: Words;
  /** Where a reason is typed, while one is asked for in somebody's own words. */
  readonly field: RefObject<HTMLInputElement | null>;
  readonly onDecide: (answer: OverrideAnswer | null) => void;
  /** What stands in the field is the reason. */
  readonly onSay: (text: string) => void;
}

/** Asks whose badge was read why a refused unit may go on. It stands over the nests: nothing else is to be done meanwhile. */
export function Decision({ view, words, field, onDecide, onSay }: Props) {
  if (view.decision === null) return null;
  const { serial, nest, code, name, ownWords } = view.decision;
  const { ask, who, reasons, other } = words.decision;
  return (
    <section className="decision" role="alertdialog" aria-labelledby="decision-ask">
      <p className="refusal">{actionText(words, code, null)}</p>
      <h2 id="decision-ask">{ask(serial, nest)}</h2>
      {ownWords ? (
        <OwnWords notice={view.notice} words={words} field={field} onSay={onSay} />
      ) : (
        <>
          <p>{who(name)}</p>
          <div className="reasons">
            {OVERRIDE_ANSWERS.map((answer) => (
              <button key={answer} type="button" onClick={() => onDecide(answer)}>
                {answer === "other" ? other : reasons[answer]}
              </button>
            ))}
          </div>
        </>
      )}
      <button type="button" className="no" onClick={() => onDecide(null)}>
        {words.cancel}
      </button>
    </section>
  );
}

/** One line, typed or scanned. The keyboard's hook hears it, as in the page's other field. */
function OwnWords(props: {
  readonly notice: StationPageView["notice"];
  readonly words: Words;
  readonly field: RefObject<HTMLInputElement | null>;
  readonly onSay: (text: string) => void;
}) {
  const { notice, words, field } = props;
  const isRefused = notice.key === "scan-refused" && notice.code === "scan.no_reason";
  return (
    <form className="own-words" onSubmit={(event) => event.preventDefault()}>
      <p role={isRefused ? "alert" : undefined}>
        {isRefused ? actionText(words, notice.code, null) : words.decision.say}
      </p>
      <input
        ref={field}
        className="field"
        aria-label={words.decision.say}
        autoComplete="off"
        spellCheck={false}
        maxLength={200}
      />
      <button type="button" onClick={() => props.onSay(field.current?.value ?? "")}>
        {words.ok}
      </button>
    </form>
  );
}
