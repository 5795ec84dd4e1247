import { called, type NestGolden, type NestView } from "@flashline/contract";
import { Fragment } from "react";
import { Elapsed } from "../../shared/Elapsed.tsx";
import { duration, progressPercent } from "../../shared/format.ts";
import { Icon } from "../../shared/icons.tsx";
import { Serial } from "../../shared/Serial.tsx";
import { type Language, LOCALES, wordsOf } from "../words/language.ts";
import { lookOf, type NestLook } from "./look.ts";

interface Props {
  readonly nest: NestView;
  readonly language: Language;
  readonly virtual: boolean;
  /** Escape acknowledges this one. */
  readonly first: boolean;
  readonly onAcknowledge: (nest: string) => void;
  /** The label is wanted once more. */
  readonly onReprint: (nest: string) => void;
}

const PATTERN: Partial<Record<NestView["state"], string>> = {
  fail: "stripes",
  refused: "stripes",
  off: "hatch",
};
/** States whose word is a verdict or a figure. The others say in a sentence what to do. */
const LARGE: ReadonlySet<NestView["state"]> = new Set(["pass", "fail", "busy"]);

/** States that show the code of what is wrong, for the lead. */
const CODED: ReadonlySet<NestView["state"]> = new Set(["fail", "refused", "label"]);

export function NestCard({ nest, language, virtual, first, onAcknowledge, onReprint }: Props) {
  const words = wordsOf(language);
  const look = lookOf(nest, language);
  const name = called(words.nest, nest.name);
  const told = look.progress === null ? look.word : percentOf(look.progress, language);
  return (
    <li
      className={`nest ${look.kind} ${PATTERN[look.kind] ?? ""} ${nest.next ? "next" : ""}`}
      data-nest={nest.name}
      data-state={nest.state}
    >
      <div className="face">
        <span className="number">{nest.name}</span>
        <span className={LARGE.has(nest.state) ? "word" : "word small"}>{told}</span>
      </div>
      <div className="about">
        {look.icon !== null && <Icon name={look.icon} size="100%" />}
        {nest.next && <span className="flag">{words.nextScan}</span>}
        <Serial className="serial">{"serial" in nest ? (nest.serial ?? "") : ""}</Serial>
        {/* No check starts in a nest that is off: to ask for one there would be a dead end. */}
        {nest.golden !== undefined && nest.state !== "off" && (
          <Golden {...{ golden: nest.golden, language }} />
        )}
        {virtual && <span className="virtual">{words.virtual}</span>}
        {nest.state === "pass" && (
          <span className="time">
            {words.inSeconds(duration(nest.durationMs, LOCALES[language]))}
          </span>
        )}
        {asksForLabel(nest) && look.acknowledge === "no" && (
          <span className="seen again" aria-hidden="true">
            {words.label.again}
          </span>
        )}
        {look.acknowledge === "must" && (
          <span className="seen" aria-hidden="true">
            {words.ok}
            {first && <kbd>Esc</kbd>}
          </span>
        )}
      </div>
      {look.progress !== null && (
        <Progress {...look.progress} percent={percentNumber(look.progress)} label={name} />
      )}
      {look.act !== "" && <div className="act">{look.act}</div>}
      {look.order !== "" && <Order>{look.order}</Order>}
      {nest.state === "off" && nest.hold !== null && (
        <div className="why" title={nest.hold.reason}>
          {nest.hold.reason}
        </div>
      )}
      {"refusal" in nest && nest.refusal !== null && CODED.has(nest.state) && (
        <Code>{nest.refusal.code}</Code>
      )}
      {asksForLabel(nest) ? (
        <button
          type="button"
          className="whole"
          aria-label={`${name}: ${words.label.again}`}
          onClick={() => onReprint(nest.name)}
        />
      ) : (
        look.acknowledge !== "no" && (
          <button
            type="button"
            className="whole"
            aria-label={`${name}: ${words.ok}`}
            onClick={() => onAcknowledge(nest.name)}
          />
        )
      )}
      <span className="unseen" role="status">
        {`${name}: ${look.word.replace("\n", " ")} ${look.order}${troubleOf(look)}`}
      </span>
    </li>
  );
}

/** Beside the nest's own state: a check is due, or runs. */
function Golden({
  golden,
  language,
}: {
  readonly golden: NestGolden;
  readonly language: Language;
}) {
  const words = wordsOf(language).golden;
  const told = golden.kind === "run" ? words.run(golden.made, golden.times) : words[golden.kind];
  return (
    <span className="golden" data-golden={golden.kind}>
      {told}
    </span>
  );
}

/** Touching the card asks what becomes of the label. Not while it waits its turn, or is on its way. */
const asksForLabel = (nest: NestView): boolean =>
  nest.state === "label" && nest.stage !== "waiting" && nest.stage !== "printing";

/** A screen reader is told of it too. */
const troubleOf = ({ progress }: NestLook): string =>
  progress === null || progress.troubleSince === null ? "" : progress.phase;

/** Sentence by sentence, so that a line ends with one where it can. */
function Order({ children }: { readonly children: string }) {
  const sentences = children.split(/(?<=[.。])\s*/u).filter((sentence) => sentence !== "");
  return (
    <div className="order">
      {sentences.map((sentence) => (
        <Fragment key={sentence}>
          <span>{sentence}</span>{" "}
        </Fragment>
      ))}
    </div>
  );
}

type Shown = NonNullable<NestLook["progress"]>;
const percentNumber = ({ fraction }: Shown): number => Math.floor(fraction * 100);
const percentOf = ({ fraction }: Shown, language: Language): string =>
  progressPercent(fraction, LOCALES[language]);

/** A code that may go on in a next line behind each of its parts. */
function Code({ children }: { readonly children: string }) {
  return (
    <div className="code mono">
      {[...children.matchAll(/[^._]+[._]?/g)].map(({ 0: part, index: at }) => (
        <Fragment key={at}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </div>
  );
}

function Progress(props: Shown & { readonly percent: number; readonly label: string }) {
  return (
    <>
      <div
        className="bar"
        role="progressbar"
        aria-label={props.label}
        aria-valuenow={props.percent}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <i style={{ width: `${props.fraction * 100}%` }} />
      </div>
      <div className={props.troubleSince === null ? "phase" : "phase trouble"}>
        <span>{props.phase}</span>
        <span>
          {props.troubleSince === null ? props.left : <Elapsed since={props.troubleSince} />}
        </span>
      </div>
    </>
  );
}
