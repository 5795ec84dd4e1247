import type { StationPageView } from "@flashline/contract";
import { duration } from "../shared/format.ts";
import { Icon } from "../shared/icons.tsx";
import { Serial } from "../shared/Serial.tsx";
import { type Language, LOCALES, wordsOf } from "./words/language.ts";

interface Props {
  readonly last: StationPageView["last"];
  readonly language: Language;
}

export function LastUnits({ last, language }: Props) {
  const words = wordsOf(language);
  return (
    <aside>
      <h2>{words.lastUnits}</h2>
      {last.length === 0 && <p className="none">{words.noUnits}</p>}
      <ul>
        {last.map((unit) => (
          <li key={`${unit.serial} ${unit.at}`}>
            <span className={`tag ${unit.outcome === "PASS" ? "p" : "f"}`}>
              <Icon name={unit.outcome === "PASS" ? "check" : "cross"} size={12} />
              {unit.outcome === "PASS" ? words.pass : words.fail}
            </span>
            <Serial className="serial">{unit.serial}</Serial>
            <span className="time">{duration(unit.durationMs, LOCALES[language])}</span>
          </li>
        ))}
      </ul>
    </aside>
  );
}
