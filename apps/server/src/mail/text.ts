import { describeAlarm } from "@flashline/contract";
import type { Mail } from "./outgoing.repository.ts";

const WORDS: Readonly<Record<Mail["what"], string>> = {
  raised: "ALARM",
  overdue: "NOBODY TOOK IT",
  recovered: "OVER",
};

/** A time as everybody reads it. */
const clock = (at: Date): string => `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;

const sentenceOf = ({ rule, subjectName, parameters }: Mail): string =>
  describeAlarm(rule, subjectName, parameters);

function lineOf(mail: Mail): string {
  const { what, plant, raisedAt, recoveredAt } = mail;
  const at = what === "recovered" && recoveredAt !== null ? recoveredAt : raisedAt;
  const where = plant === null ? "" : `${plant}: `;
  return `${WORDS[what]}  ${clock(at)}\n  ${where}${sentenceOf(mail)}\n`;
}

/** What one recipient is told at once. */
export function mailText(
  mails: readonly [Mail, ...Mail[]],
  server: string | undefined,
): { readonly subject: string; readonly text: string } {
  const [first] = mails;
  const subject =
    mails.length === 1
      ? `[Flashline] ${WORDS[first.what]}: ${sentenceOf(first)}`
      : `[Flashline] ${mails.length} messages, first: ${sentenceOf(first)}`;
  const from = server === undefined ? "" : `\n${server}\n`;
  return { subject: subject.slice(0, 200), text: `${mails.map(lineOf).join("\n")}${from}` };
}
