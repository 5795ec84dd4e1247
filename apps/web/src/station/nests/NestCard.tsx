import type { NestView } from "@flashline/contract";
import { Fragment } from "react";
import { duration, progressPercent } from "../../shared/format.ts";
import { Icon } from "../../shared/icons.tsx";
import { Serial } from "../../shared/Serial.tsx";
import { type Language, LOCALES, wordsOf } from "../words/language.ts";
import { lookOf } from "./look.ts";

interface Props {
  readonly nest: NestView;
  readonly language: Language;
  readonly virtual: boolean;
  /** Escape acknowledges this one. */
  readonly first: boolean;
  readonly onAcknowledge: (nest: string) => void;
}

const PATTERN: Partial<Record<NestView["state"], string>> = {
  fail: "stripes",
  refused: "stripes",
  off: "hatch",
};

export function NestCard({ nest, language, virtual, first, onAcknowledge }: Props) {
  const words = wordsOf(language);
  const look = lookOf(nest, language);
  const name = `${words.nest} ${nest.name}`;
  return (
    <li
      className={`nest ${look.kind} ${PATTERN[look.kind] ?? ""} ${nest.next ? "next" : ""}`}
      data-nest={nest.name}
      data-state={nest.state}
    >
      <div className="top">
        <div className="who">
          <span className="name">{name}</span>
          {virtual && <span className="virtual">{words.virtual}</span>}
          {nest.next && <span className="flag">{words.nextScan}</span>}
          <Serial className="serial">{"serial" in nest ? (nest.serial ?? "") : ""}</Serial>
        </div>
        {look.icon !== null && <Icon name={look.icon} size="100%" />}
      </div>
      {look.progress === null ? (
        <div className="word">{look.word}</div>
      ) : (
        <Progress {...look.progress} label={name} locale={LOCALES[language]} />
      )}
      <div className="below">
        <div className="order">{look.order}</div>
        {nest.state === "off" && nest.hold !== null && (
          <div className="why" title={nest.hold.reason}>
            {nest.hold.reason}
          </div>
        )}
        {nest.state === "pass" && (
          <div className="time">
            {words.inSeconds(duration(nest.durationMs, LOCALES[language]))}
          </div>
        )}
        {(nest.state === "fail" || nest.state === "refused") && <Code>{nest.refusal.code}</Code>}
        {look.acknowledge === "must" && (
          <span className="seen" aria-hidden="true">
            {words.ok}
            {first && <kbd>Esc</kbd>}
          </span>
        )}
      </div>
      {look.acknowledge !== "no" && (
        <button
          type="button"
          className="whole"
          aria-label={`${name}: ${words.ok}`}
          onClick={() => onAcknowledge(nest.name)}
        />
      )}
      <span className="unseen" role="status">
        {`${name}: ${look.word.replace("\n", " ")} ${look.order}`}
      </span>
    </li>
  );
}

/** A code that may go on in a next line behind each of its parts. The smallest cards show what is behind the first one. */
function Code({ children }: { readonly children: string }) {
  return (
    <span className="code mono">
      {[...children.matchAll(/[^._]+[._]?/g)].map(({ 0: part, index: at }) => (
        <Fragment key={at}>
          <span className={at === 0 ? "area" : ""}>{part}</span>
          <wbr />
        </Fragment>
      ))}
    </span>
  );
}

function Progress(props: {
  readonly fraction: number;
  readonly phase: string;
  readonly left: string;
  readonly label: string;
  readonly locale: string;
}) {
  const percent = Math.floor(props.fraction * 100);
  return (
    <>
      <div className="word">{progressPercent(props.fraction, props.locale)}</div>
      <div
        className="bar"
        role="progressbar"
        aria-label={props.label}
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <i style={{ width: `${props.fraction * 100}%` }} />
      </div>
      <div className="phase">
        <span>{props.phase}</span>
        <span>{props.left}</span>
      </div>
    </>
  );
}
