import { EVENTS, type LedgerEvent } from "@flashline/contract";
import { fullTime, when } from "../parts/time.ts";
import { diffOf, factsOf } from "./diff.ts";

const KINDS: Readonly<Record<string, { readonly says: string }>> = EVENTS;

/** "anna", "the server", "somebody": who did it, in a word. */
const whoText = ({ who }: LedgerEvent): string =>
  who.name ??
  (who.kind === "system" ? "the server" : who.kind === "nobody" ? "somebody" : who.kind);

/** One event; open it has the difference, its facts and its place in the chain. */
export function EventRow({
  event,
  zone,
}: {
  readonly event: LedgerEvent;
  readonly zone: string | undefined;
}) {
  const { kind, at, subject, reason } = event;
  const changes = diffOf(event.before, event.after);
  return (
    <li>
      <details>
        <summary>
          <span className="at">{when(at, zone)}</span>
          <span className="mono kind">{kind}</span>
          <span className="about">
            <b>{subject.name ?? subject.id ?? ""}</b>
            {reason !== null && <span className="soft"> “{reason}”</span>}
          </span>
          <span className="who">{whoText(event)}</span>
        </summary>
        <div className="event">
          {Object.hasOwn(KINDS, kind) && <p className="soft">{KINDS[kind]?.says}</p>}
          {changes.length > 0 && (
            <div className="scroll">
              <table className="table diff">
                <thead>
                  <tr>
                    <th>Field</th>
                    <th>Before</th>
                    <th>After</th>
                  </tr>
                </thead>
                <tbody>
                  {changes.map(({ field, before, after }) => (
                    <tr key={field}>
                      <td>{field}</td>
                      <td className="wrap">
                        <del>{before}</del>
                      </td>
                      <td className="wrap">
                        <ins>{after}</ins>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          <dl className="facts">
            {[
              ...factsOf(event.data),
              ["About", `${subject.kind} ${subject.name ?? ""}`] as const,
              ["By", `${event.who.kind} ${event.who.name ?? ""}`] as const,
              ["From", [event.from.door, event.from.address].filter(Boolean).join(", ")] as const,
              ["Operation", event.from.operation ?? ""] as const,
              ["Written", fullTime(at, zone)] as const,
              ["Position", String(event.position)] as const,
              ["Hash", event.hash] as const,
            ]
              .filter(([, value]) => value.trim() !== "")
              .map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd className={name === "Hash" ? "mono small" : ""}>{value}</dd>
                </div>
              ))}
          </dl>
        </div>
      </details>
    </li>
  );
}
