import type { OverrideReason, StationPageView } from "@flashline/contract";
import type { Words } from "./words/en.ts";
import { actionText } from "./words/notices.ts";

interface Props {
  readonly decision: StationPageView["decision"];
  readonly words: Words;
  readonly onDecide: (reason: OverrideReason | null) => void;
}

/** Asks whose badge was read why a refused unit may go on. It stands over the nests: nothing else is to be done meanwhile. */
export function Decision({ decision, words, onDecide }: Props) {
  if (decision === null) return null;
  const { serial, nest, code, name } = decision;
  const { ask, who, reasons } = words.decision;
  return (
    <section className="decision" role="alertdialog" aria-labelledby="decision-ask">
      <p className="refusal">{actionText(words, code, null)}</p>
      <h2 id="decision-ask">{ask(serial, nest)}</h2>
      <p>{who(name)}</p>
      <div className="reasons">
        {(Object.keys(reasons) as OverrideReason[]).map((reason) => (
          <button key={reason} type="button" onClick={() => onDecide(reason)}>
            {reasons[reason]}
          </button>
        ))}
      </div>
      <button type="button" className="no" onClick={() => onDecide(null)}>
        {words.cancel}
      </button>
    </section>
  );
}
