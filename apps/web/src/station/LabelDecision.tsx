import {
  called,
  type LabelDecision as Decided,
  REPRINTS,
  type StationPageView,
} from "@flashline/contract";
import type { Words } from "./words/en.ts";

interface Props {
  readonly asked: StationPageView["labelAsked"];
  readonly words: Words;
  readonly onDecide: (decision: Decided | null) => void;
  /** The printer is to be tried again: of the nest. */
  readonly onRetry: (nest: string) => void;
}

/** Asks why a label is printed once more. It stands over the nests, as a lead's decision does: no label is printed twice in passing. */
export function LabelDecision({ asked, words, onDecide, onRetry }: Props) {
  if (asked === null) return null;
  const { serial, nest, printed } = asked;
  const { ask, askSkip, why, reasons, skip } = words.label;
  const place = nest === null ? "" : `${called(words.nest, nest)}. `;
  const skipKey = (
    <button type="button" className={printed ? "no" : ""} onClick={() => onDecide("skip")}>
      {skip}
    </button>
  );
  return (
    <section className="decision" role="alertdialog" aria-labelledby="label-ask">
      <h2 id="label-ask">{printed ? ask(serial) : askSkip(serial)}</h2>
      <p>{`${place}${printed ? why : ""}`}</p>
      <div className="reasons">
        {printed ? (
          REPRINTS.map((reason) => (
            <button key={reason} type="button" onClick={() => onDecide(reason)}>
              {reasons[reason]}
            </button>
          ))
        ) : (
          <button type="button" onClick={() => nest !== null && onRetry(nest)}>
            {words.label.again}
          </button>
        )}
        {!printed && skipKey}
      </div>
      <div className="others">
        {printed && nest !== null && skipKey}
        <button type="button" className="no" onClick={() => onDecide(null)}>
          {words.cancel}
        </button>
      </div>
    </section>
  );
}
