import { type LabelDecision as Decided, REPRINTS, type StationPageView } from "@flashline/contract";
import type { Words } from "./words/en.ts";

interface Props {
  readonly asked: StationPageView["labelAsked"];
  readonly words: Words;
  readonly onDecide: (decision: Decided | null) => void;
}

/** Asks why a label is printed once more. It stands over the nests, as a lead's decision does: no label is printed twice in passing. */
export function LabelDecision({ asked, words, onDecide }: Props) {
  if (asked === null) return null;
  const { serial, nest, printed } = asked;
  const { ask, askSkip, why, reasons, skip } = words.label;
  const place = nest === null ? "" : `${words.nest} ${nest}. `;
  return (
    <section className="decision" role="alertdialog" aria-labelledby="label-ask">
      <h2 id="label-ask">{printed ? ask(serial) : askSkip(serial)}</h2>
      <p>{`${place}${printed ? why : ""}`}</p>
      {printed && (
        <div className="reasons">
          {REPRINTS.map((reason) => (
            <button key={reason} type="button" onClick={() => onDecide(reason)}>
              {reasons[reason]}
            </button>
          ))}
        </div>
      )}
      <div className="others">
        {nest !== null && (
          <button type="button" className="no" onClick={() => onDecide("skip")}>
            {skip}
          </button>
        )}
        <button type="button" className="no" onClick={() => onDecide(null)}>
          {words.cancel}
        </button>
      </div>
    </section>
  );
}
