import { EVENTS, type LedgerEvent } from "@flashline/contract";

/** Longer bodies go without what makes them long; the feed has it. Bytes. */
const MOST_BODY = 256 * 1024;

const bodyOf = (type: string, timestamp: string, data: unknown): Buffer =>
  Buffer.from(JSON.stringify({ type, timestamp, data }));

/** The body of an event: its kind, its time and the event as the feed shows it. */
export function messageOf(event: LedgerEvent): Buffer {
  const body = bodyOf(event.kind, event.at, event);
  if (body.length <= MOST_BODY) return body;
  const { data: _data, before: _before, after: _after, ...short } = event;
  const cut = { ...short, before: null, after: null, data: {}, truncated: true };
  return bodyOf(event.kind, event.at, cut);
}

/** The body of a test call. */
export const testMessage = (name: string, at: Date): Buffer =>
  bodyOf("webhook.test", at.toISOString(), { webhook: name });

/** The kinds of events that filters stand for; null: all of them. */
export function kindsOf(filters: readonly string[]): readonly string[] | null {
  if (filters.includes("*")) return null;
  return Object.keys(EVENTS).filter((kind) =>
    filters.some((filter) =>
      filter.endsWith(".*") ? kind.startsWith(filter.slice(0, -1)) : kind === filter,
    ),
  );
}

/** Filters that stand for no kind that there is. */
export const unknownFilters = (filters: readonly string[]): readonly string[] =>
  filters.filter((filter) => kindsOf([filter])?.length === 0);
