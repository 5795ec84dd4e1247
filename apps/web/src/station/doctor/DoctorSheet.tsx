import { DoctorReport } from "@flashline/contract";
import { useCallback, useEffect, useState } from "react";
import { Icon } from "../../shared/icons.tsx";
import { goBack, useWayBack } from "../sheet/way-back.ts";
import { useSettings } from "../use-settings.ts";
import { LOCALES, wordsOf } from "../words/language.ts";
import "../sheet/sheet.css";
import "./doctor.css";

/** Looking at all ports of a PC takes a moment. Milliseconds. */
const PATIENCE_MS = 30_000;

type Answer = { readonly report: DoctorReport } | "looking" | "none";

async function lookNow(): Promise<Answer> {
  try {
    const answer = await fetch("/api/doctor", { signal: AbortSignal.timeout(PATIENCE_MS) });
    const parsed = DoctorReport.safeParse(await answer.json());
    return answer.ok && parsed.success ? { report: parsed.data } : "none";
  } catch {
    return "none";
  }
}

const ICONS = { ok: "check", warn: "warning", fail: "cross" } as const;
const iconOf = (level: string) => (level in ICONS ? ICONS[level as keyof typeof ICONS] : "warning");
/** What is to be repaired comes first. */
const RANK: Readonly<Record<string, number>> = { fail: 0, warn: 1, ok: 3 };
const rankOf = (level: string): number => RANK[level] ?? 2;

/** What is wrong with this PC, for whoever installs it: the sentences are in English. Takes no scans. */
export default function DoctorSheet() {
  const { language } = useSettings();
  const words = wordsOf(language);
  const [answer, setAnswer] = useState<Answer>("looking");
  const look = useCallback(() => {
    setAnswer("looking");
    void lookNow().then(setAnswer);
  }, []);
  useEffect(look, [look]);
  useEffect(() => {
    document.documentElement.lang = LOCALES[language];
    document.title = wordsOf(language).doctor.title;
  }, [language]);
  useWayBack();

  return (
    <div className="sheet doctor">
      <nav>
        <button type="button" onClick={goBack}>
          {words.backToStation}
        </button>
        <button type="button" onClick={look} disabled={answer === "looking"}>
          {words.doctor.again}
        </button>
      </nav>
      <main aria-busy={answer === "looking"}>
        <h1>{words.doctor.title}</h1>
        {answer === "looking" && <p role="status">{words.doctor.looking}</p>}
        {answer === "none" && <p role="alert">{words.doctor.none}</p>}
        {typeof answer === "object" && <Findings report={answer.report} />}
      </main>
    </div>
  );
}

function Findings({ report }: { readonly report: DoctorReport }) {
  const sorted = report.findings.toSorted((a, b) => rankOf(a.level) - rankOf(b.level));
  return (
    <ul className="findings" lang="en">
      {sorted.map(({ name, level, sentence }) => (
        <li key={`${name} ${sentence}`} className={level}>
          <Icon name={iconOf(level)} size={26} />
          <b>{name}</b>
          <span>{sentence}</span>
        </li>
      ))}
    </ul>
  );
}
