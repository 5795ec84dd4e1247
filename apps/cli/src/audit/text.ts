import type { LedgerChain, LedgerEvent } from "@flashline/contract";

const nameOf = ({ kind, id, name }: LedgerEvent["subject"] | LedgerEvent["who"]): string =>
  name === null ? `${kind} ${id ?? "without a name"}` : `${kind} ${name}`;

/** An event in one line: where it stands, when, what, to what, by whom and why. */
export function eventText({ position, at, kind, subject, who, reason }: LedgerEvent): string {
  const why = reason === null ? "" : `: ${reason}`;
  return `${position}  ${at}  ${kind}  ${nameOf(subject)}, by ${nameOf(who)}${why}\n`;
}

/** How far the ledger was worked out anew, and what is wrong with it. */
export function chainText({ head, unsealed, verified, problems }: LedgerChain): string {
  if (head === null) return `Nothing is sealed yet; ${unsealed} written.\n`;
  return [
    `head: ${head.position} ${head.hash}, sealed ${head.sealedAt}\n`,
    unsealed === 0 ? "" : `written and not sealed yet: ${unsealed}\n`,
    verified === null
      ? "nothing was read yet\n"
      : problems.length === 0
        ? `Everything up to ${verified.position} is as it was written (read ${verified.at}).\n`
        : `Read up to ${verified.position} (${verified.at}), and not all of it is as it was written:\n`,
    ...problems.map((problem) => `  ${problem}\n`),
  ].join("");
}
