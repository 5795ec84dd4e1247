import { EVENTS, type EventKind } from "@flashline/contract";

/** One line of Markdown for a kind of event. */
function lineOf(name: string, { says, subject, versions }: EventKind): string {
  const newest = versions.at(-1) ?? versions[0];
  const fields = Object.keys(newest.shape).map((field) => `\`${field}\``);
  const data = fields.length === 0 ? "" : ` Data: ${fields.join(", ")}.`;
  const version = versions.length === 1 ? "" : `, version ${versions.length}`;
  return `- \`${name}\` (${subject}${version}): ${says}${data}`;
}

/** Every kind of event, by name, as a list in Markdown, for docs/ledger.md. */
export const listKinds = (): string =>
  Object.entries<EventKind>(EVENTS)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, kind]) => lineOf(name, kind))
    .join("\n");
