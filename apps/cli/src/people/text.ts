import type { OpenSession, PersonDetail, PersonView, TokenView } from "@flashline/contract";
import type { Columns } from "../list.ts";
import { table } from "../terminal/units.ts";

/** "2026-11-28 14:05" of a time in ISO 8601, in UTC. */
const minute = (time: string | null): string =>
  time === null ? "-" : time.slice(0, 16).replace("T", " ");

export const PERSON_COLUMNS: Columns<PersonView> = [
  ["PERSON", ({ name }) => name],
  ["ROLE", ({ role }) => role],
  ["PLANT", ({ plant }) => plant ?? "all"],
  ["KNOWN BY", ({ ways }) => (ways.length === 0 ? "nothing yet" : ways.join(", "))],
  ["SESSIONS", ({ sessions }) => String(sessions)],
  ["TOKENS", ({ tokens }) => String(tokens)],
  ["STATE", ({ disabledAt }) => (disabledAt === null ? "" : `disabled ${minute(disabledAt)}`)],
];

export const SESSION_COLUMNS: Columns<OpenSession> = [
  ["SESSION", ({ id }) => id],
  ["PERSON", ({ person }) => person],
  ["ROLE", ({ role }) => role],
  ["FROM", ({ address }) => address ?? "-"],
  ["SINCE", ({ since }) => minute(since)],
  ["LAST USED", ({ lastUsedAt }) => minute(lastUsedAt)],
  ["ENDS", ({ endsAt }) => minute(endsAt)],
];

export const TOKEN_COLUMNS: Columns<TokenView> = [
  ["TOKEN", ({ name }) => name],
  ["SCOPES", ({ scopes }) => scopes.join(", ")],
  ["STATE", ({ state }) => state],
  ["LAST USED", ({ lastUsedAt }) => minute(lastUsedAt)],
  ["ENDS", ({ expiresAt }) => minute(expiresAt)],
  ["BY", ({ createdBy }) => createdBy],
  ["ID", ({ id }) => id],
];

const rowsOf = <T>(things: readonly T[], columns: Columns<T>): string =>
  table([
    columns.map(([head]) => `  ${head}`),
    ...things.map((thing) => columns.map(([, cell]) => `  ${cell(thing)}`)),
  ]);

/** A person with everything by which they come in. */
export function personText(person: PersonDetail): string {
  const { formerNames, identities, openSessions, validTokens } = person;
  return [
    rowsOf([person], PERSON_COLUMNS),
    formerNames.length === 0 ? "" : `  known before as ${formerNames.join(", ")}\n`,
    ...identities.map(({ issuer, subject }) => `  logs in at ${issuer} as ${subject}\n`),
    openSessions.length === 0 ? "" : `open sessions\n${rowsOf(openSessions, SESSION_COLUMNS)}`,
    validTokens.length === 0
      ? ""
      : `valid tokens that ${person.name} made\n${rowsOf(validTokens, TOKEN_COLUMNS)}`,
  ].join("");
}

/** "2 sessions and 1 token ended.", "1 session ended.", or nothing. */
export function endedText({ sessions, tokens }: { sessions: number; tokens: number }): string {
  const count = (n: number, word: string) => (n === 0 ? [] : [`${n} ${word}${n === 1 ? "" : "s"}`]);
  const ended = [...count(sessions, "session"), ...count(tokens, "token")];
  return ended.length === 0 ? "" : `${ended.join(" and ")} ended.\n`;
}
