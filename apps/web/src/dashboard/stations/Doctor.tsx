import type { DoctorFinding } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { counted } from "../../shared/format.ts";
import { Icon } from "../../shared/icons.tsx";
import { failureOf } from "../api/client.ts";
import { queries } from "../api/queries.ts";
import { Empty, ErrorNote, Loading } from "../parts/states.tsx";
import { ago } from "../parts/time.ts";

const LOOKS = {
  fail: { icon: "cross", word: "Repair" },
  warn: { icon: "warning", word: "Look at it" },
  ok: { icon: "check", word: "Fine" },
} as const;
/** A level that a newer agent tells is worth a look. */
const lookOf = (level: string) =>
  level in LOOKS ? LOOKS[level as keyof typeof LOOKS] : LOOKS.warn;
const rankOf = ({ level }: DoctorFinding): number => Object.values(LOOKS).indexOf(lookOf(level));

/** What the station's doctor found wrong with its PC, the worst first. */
export function Doctor({ station }: { readonly station: string }) {
  const report = useQuery(queries.stationDoctor(station));
  const isUntold = report.isError && failureOf(report.error).code === "request.not_found";
  const wrong = report.data?.findings.filter(({ level }) => level !== "ok").length ?? 0;
  return (
    <section className="card" aria-label="Doctor">
      <h2>
        This PC
        {report.data !== undefined && (
          <span className="soft small">
            {wrong === 0
              ? "Nothing is wrong"
              : counted(wrong, "thing to look at", "things to look at")}
            , looked at {ago(report.data.receivedAt)}
          </span>
        )}
      </h2>
      {report.isPending && <Loading />}
      {isUntold && (
        <Empty title="Nothing is known of this PC yet.">
          Its agent looks at it after each start and every hour, and when somebody opens the page{" "}
          <b>PC</b> at the station.
        </Empty>
      )}
      {report.isError && !isUntold && (
        <ErrorNote error={report.error} onRetry={() => void report.refetch()} />
      )}
      {report.data !== undefined && (
        <ul className="findings">
          {report.data.findings
            .toSorted((a, b) => rankOf(a) - rankOf(b))
            .map((finding) => (
              <FindingRow key={`${finding.name} ${finding.sentence}`} {...finding} />
            ))}
        </ul>
      )}
    </section>
  );
}

function FindingRow({ name, level, sentence }: DoctorFinding) {
  const { icon, word } = lookOf(level);
  return (
    <li className={level}>
      <Icon name={icon} size={16} />
      <span className="unseen">{word}</span>
      <b>{name}</b>
      <span>{sentence}</span>
    </li>
  );
}
