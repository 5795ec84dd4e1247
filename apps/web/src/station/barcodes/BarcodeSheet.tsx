import {
  Barcode,
  called,
  LABEL_DECISIONS,
  normaliseSerial,
  OVERRIDE_ANSWERS,
  type StationPageView,
} from "@flashline/contract";
import { type CSSProperties, useEffect, useState } from "react";
import { code128Of } from "../../shared/code128.ts";
import { viewNow } from "../connection.ts";
import { KEYBOARD_CHECK } from "../scan/keyboard-check.ts";
import { useWayBack } from "../sheet/way-back.ts";
import { useSettings } from "../use-settings.ts";
import { LOCALES, wordsOf } from "../words/language.ts";
import "../sheet/sheet.css";
import "./barcodes.css";

/** As barcodes.css has them: the sheet, what is between two codes, and the narrowest bar; millimetres. */
const SHEET_MM = 186;
const GAP_MM = 2;
const BAR_MM = 0.254;

/** One sheet with all barcodes that are commands at this station, for printing. Takes no scans: the end of one leads back. */
export default function BarcodeSheet() {
  const { language } = useSettings();
  const words = wordsOf(language);
  const [view, setView] = useState<StationPageView | null>(null);
  useEffect(() => {
    document.documentElement.lang = LOCALES[language];
    void viewNow().then((now) => {
      setView(now);
      if (now !== null) document.title = wordsOf(language).barcodesOf(now.station);
    });
  }, [language]);
  useWayBack();

  const commands = [
    { text: Barcode.Start as string, name: words.start, does: words.barcodeFor.start },
    { text: Barcode.Ok as string, name: words.ok, does: words.barcodeFor.ok },
    { text: Barcode.Cancel as string, name: words.cancel, does: words.barcodeFor.cancel },
    // A plant without badges has no use for it.
    ...(view !== null && (view.badgeNeeded || view.operator !== null)
      ? [{ text: Barcode.LogOut as string, name: words.logOut, does: words.barcodeFor.logOut }]
      : []),
    ...(view?.labels === "printed"
      ? [
          {
            text: Barcode.Reprint as string,
            name: words.label.again,
            does: words.barcodeFor.reprint,
          },
        ]
      : []),
    { text: KEYBOARD_CHECK, name: words.checkKeyboard, does: words.barcodeFor.check },
  ];
  return (
    <div className="sheet barcodes">
      <nav>
        <a href="/">{words.backToStation}</a>
        <button type="button" onClick={() => window.print()}>
          {words.print}
        </button>
      </nav>
      <main>
        <h1>{view === null ? words.barcodes : words.barcodesOf(view.station)}</h1>
        <ul className="commands">
          {commands.map((command) => (
            <Code key={command.text} {...command} missing={words.notPrintable} />
          ))}
        </ul>
        {view?.labels === "printed" && (
          <>
            <p>{words.barcodeFor.why}</p>
            <ul className="commands">
              {LABEL_DECISIONS.map((decision) => (
                <Code
                  key={decision}
                  text={Barcode.Why + decision.toUpperCase()}
                  name={decision === "skip" ? words.label.skip : words.label.reasons[decision]}
                  missing={words.notPrintable}
                />
              ))}
            </ul>
          </>
        )}
        {view !== null && view.badgePrefix !== null && (
          <>
            <p>{words.barcodeFor.whyOverride}</p>
            <ul className="commands">
              {OVERRIDE_ANSWERS.map((answer) => (
                <Code
                  key={answer}
                  text={Barcode.Why + answer.toUpperCase()}
                  name={answer === "other" ? words.decision.other : words.decision.reasons[answer]}
                  does={answer === "other" ? words.barcodeFor.other : undefined}
                  missing={words.notPrintable}
                />
              ))}
            </ul>
          </>
        )}
        {view !== null && (
          <>
            <p>{words.barcodeFor.nest}</p>
            <ul
              className="places"
              style={{ "--columns": columnsFor(view.nests.map(codeOf)) } as CSSProperties}
            >
              {view.nests.map((nest) => (
                <Code
                  key={nest.name}
                  text={codeOf(nest)}
                  name={called(words.nest, nest.name)}
                  missing={words.notPrintable}
                />
              ))}
            </ul>
          </>
        )}
      </main>
    </div>
  );
}

const codeOf = ({ name }: { readonly name: string }): string =>
  Barcode.Nest + normaliseSerial(name);

/** As many as there is room for beside each other, so that sixteen nests go on the sheet with everything else. */
function columnsFor(texts: readonly string[]): number {
  const modules = Math.max(1, ...texts.map((text) => code128Of(text)?.modules ?? 0));
  const columns = Math.floor((SHEET_MM + GAP_MM) / (modules * BAR_MM + GAP_MM));
  return Math.min(4, Math.max(1, columns));
}

function Code(props: {
  readonly text: string;
  readonly name: string;
  readonly does?: string | undefined;
  readonly missing: string;
}) {
  const picture = code128Of(props.text);
  return (
    <li>
      <h2>{props.name}</h2>
      {props.does !== undefined && <p>{props.does}</p>}
      {picture === null ? (
        <p>{props.missing}</p>
      ) : (
        <figure>
          <img
            src={picture.url}
            alt={props.text}
            style={{ "--modules": picture.modules } as CSSProperties}
          />
          <figcaption className="mono">{props.text}</figcaption>
        </figure>
      )}
    </li>
  );
}
